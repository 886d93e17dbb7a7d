// bench_echo_stdio: the MCP server at the end of every measured path, over stdio. One thread; reads and writes in
// batches.
//
// Usage: bench_echo_stdio [--cpu N] [--tools N] [--name NAME] [--era NAME]
//   --cpu N     run on this processor only (the parent's own pinning would be inherited otherwise)
//   --tools N   name N made-up tools besides the four real ones
//   --name NAME ignored; makes one of many alike servers recognisable in a process list
//   --era NAME  handshake (as without it) or stateless

#include "echo_tools.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

enum { read_size = 1 << 18, waiting_max = 4096, line_size_max = 128 << 20 };

/// An answer that is due later.
struct waiting {
  long long due_ms;
  char* id;
  char* text;
};

static struct waiting waiting[waiting_max];
static int waiting_count;

static long long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void follow(struct follow_up next, struct byte_queue* out) {
  if (next.kind == later && waiting_count < waiting_max) {
    struct waiting* w = &waiting[waiting_count++];
    w->due_ms = now_ms() + next.ms;
    w->id = strndup(next.id.at, next.id.size);
    w->text = strndup(next.text.at, next.text.size);
  } else if (next.kind == report) {
    for (int step = 1; next.token.at != NULL && step <= steps_count; ++step) {
      answer_step(next.token, step, out);
      queue_append(out, "\n", 1);
    }
    answer_text(next.id, next.text, out);
  } else if (next.kind != done) {
    struct timespec pause = {next.ms / 1000, next.ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
    answer_text(next.id, next.text, out);
  }
}

/// Answers what is due and returns the time to the next answer for poll: -1 when none waits.
static int answer_due(struct byte_queue* out) {
  long long now = now_ms();
  long long next = -1;
  for (int i = 0; i < waiting_count;) {
    struct waiting* w = &waiting[i];
    if (w->due_ms <= now) {
      answer_text((struct span){w->id, strlen(w->id)}, (struct span){w->text, strlen(w->text)}, out);
      queue_append(out, "\n", 1);
      free(w->id);
      free(w->text);
      *w = waiting[--waiting_count];
      continue;
    }
    if (next < 0 || w->due_ms - now < next)
      next = w->due_ms - now;
    ++i;
  }
  return (int)next;
}

static void answer_lines(struct byte_queue* in, const struct server_shape* shape, struct byte_queue* out) {
  const char* end;
  while ((end = memchr(queue_front(in), '\n', queue_size(in))) != NULL) {
    struct span line = {queue_front(in), (size_t)(end - queue_front(in))};
    size_t before = queue_size(out);
    follow(answer_message(line, shape, out), out);
    if (queue_size(out) > before)
      queue_append(out, "\n", 1);
    queue_consume(in, line.size + 1);
  }
}

/// Writes what the pipe takes; false when the reader has gone.
static bool flush(struct byte_queue* out) {
  while (queue_size(out) > 0) {
    ssize_t n = write(STDOUT_FILENO, queue_front(out), queue_size(out));
    if (n < 0)
      return errno == EAGAIN || errno == EINTR;
    queue_consume(out, (size_t)n);
  }
  return true;
}

int main(int argc, char** argv) {
  struct server_shape shape = {0, false};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--tools") == 0) {
      shape.padding = atoi(argv[i + 1]);
    } else if (strcmp(argv[i], "--era") == 0) {
      shape.stateless = strcmp(argv[i + 1], "stateless") == 0;
    } else if (strcmp(argv[i], "--cpu") == 0) {
      cpu_set_t cpus;
      CPU_ZERO(&cpus);
      CPU_SET(atoi(argv[i + 1]), &cpus);
      if (sched_setaffinity(0, sizeof cpus, &cpus) != 0)
        perror("cannot pin; give --cpu a processor that exists");
    }
  }
  fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
  fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
  struct byte_queue in = {0};
  struct byte_queue out = {0};
  for (;;) {
    int timeout = waiting_count > 0 ? answer_due(&out) : -1;
    if (!flush(&out))
      return 0;
    // A reader that is behind is not given more work: input waits until the answers are out.
    bool behind = queue_size(&out) > 0;
    struct pollfd ready = {behind ? STDOUT_FILENO : STDIN_FILENO, behind ? POLLOUT : POLLIN, 0};
    int changed = poll(&ready, 1, timeout);
    if (changed < 0 && errno != EINTR)
      return 1;
    if (changed <= 0 || behind)
      continue;
    ssize_t n = read(STDIN_FILENO, queue_reserve(&in, read_size), read_size);
    if (n == 0 || queue_size(&in) > line_size_max)
      return 0;
    if (n > 0) {
      in.end += (size_t)n;
      answer_lines(&in, &shape, &out);
    }
  }
}
