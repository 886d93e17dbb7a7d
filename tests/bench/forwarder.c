// bench_forwarder: the yardstick. The least that can stand between HTTP clients and one stdio server: each POST body
// becomes a line with an id of the forwarder's own, each line that comes back goes to who asked, with the id it came
// with. No sessions, no names, no checks.
//
// Usage: bench_forwarder PORT COMMAND [ARGUMENT...]

#include "http_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { calls_max = 1 << 13, id_size_max = 120, read_size = 1 << 18, queued_size_max = 64 << 20, pipe_size = 1 << 20 };

/// Who waits for the answer with an id of ours.
struct call {
  struct http_connection* from; ///< Null when the slot is free.
  unsigned long own_id;
  size_t id_size;
  char id[id_size_max];
};

struct forwarder {
  int to_child;
  int from_child;
  struct byte_queue out;
  struct byte_queue in;
  size_t scanned; ///< Bytes of `in` known to hold no newline, so that a long line is searched once.
  unsigned long last_id;
  struct call calls[calls_max];
};

static const char* const id_key[] = {"id"};

/// A free slot, or null when all are taken.
static struct call* open_call(struct forwarder* f) {
  for (int tries = 0; tries < calls_max; ++tries) {
    struct call* slot = &f->calls[++f->last_id % calls_max];
    if (slot->from == NULL)
      return slot;
  }
  return NULL;
}

/// The three pieces of `text` with `id` in the place of `old`.
static void replace(struct span text, struct span old, struct span id, struct span* pieces) {
  pieces[0] = (struct span){text.at, (size_t)(old.at - text.at)};
  pieces[1] = id;
  pieces[2] = (struct span){old.at + old.size, text.size - pieces[0].size - old.size};
}

static void on_request(void* owner, struct http_connection* from, struct span body) {
  struct forwarder* f = owner;
  struct span id;
  find_members(body, 1, id_key, &id);
  if (id.at == NULL) {
    queue_append(&f->out, body.at, body.size);
    queue_append(&f->out, "\n", 1);
    http_answer(from, 202, NULL, 0);
    return;
  }
  struct call* slot = id.size <= id_size_max && queue_size(&f->out) < queued_size_max ? open_call(f) : NULL;
  if (slot == NULL) {
    http_answer(from, 503, NULL, 0);
    return;
  }
  slot->from = from;
  slot->own_id = f->last_id;
  slot->id_size = id.size;
  memcpy(slot->id, id.at, id.size);
  char own[24];
  struct span own_span = {own, (size_t)snprintf(own, sizeof own, "%lu", slot->own_id)};
  struct span pieces[3];
  replace(body, id, own_span, pieces);
  for (int i = 0; i < 3; ++i)
    queue_append(&f->out, pieces[i].at, pieces[i].size);
  queue_append(&f->out, "\n", 1);
}

static void answer_line(struct forwarder* f, struct span line) {
  struct span id;
  find_members(line, 1, id_key, &id);
  if (id.at == NULL)
    return;
  unsigned long own_id = strtoul(id.at, NULL, 10);
  struct call* slot = &f->calls[own_id % calls_max];
  if (slot->from == NULL || slot->own_id != own_id)
    return;
  struct span pieces[3];
  replace(line, id, (struct span){slot->id, slot->id_size}, pieces);
  http_answer(slot->from, 200, pieces, 3);
  slot->from = NULL;
}

static void on_child_output(void* owner, uint32_t events) {
  struct forwarder* f = owner;
  (void)events;
  for (;;) {
    ssize_t n = read(f->from_child, queue_reserve(&f->in, read_size), read_size);
    if (n == 0)
      exit(0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return;
    f->in.end += (size_t)n;
    const char* end;
    while ((end = memchr(queue_front(&f->in) + f->scanned, '\n', queue_size(&f->in) - f->scanned)) != NULL) {
      size_t size = (size_t)(end - queue_front(&f->in));
      answer_line(f, (struct span){queue_front(&f->in), size});
      queue_consume(&f->in, size + 1);
      f->scanned = 0;
    }
    f->scanned = queue_size(&f->in);
    if (n < read_size)
      return;
  }
}

static void write_child(void* owner) {
  struct forwarder* f = owner;
  while (queue_size(&f->out) > 0) {
    ssize_t n = write(f->to_child, queue_front(&f->out), queue_size(&f->out));
    if (n > 0)
      queue_consume(&f->out, (size_t)n);
    else if (errno == EAGAIN)
      return; // The edge that says there is room comes through epoll.
    else if (errno != EINTR)
      exit(1);
  }
}

static void start_child(struct forwarder* f, char** command) {
  int down[2];
  int up[2];
  if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0) {
    perror("cannot make pipes");
    exit(1);
  }
  fcntl(down[1], F_SETPIPE_SZ, pipe_size);
  fcntl(up[0], F_SETPIPE_SZ, pipe_size);
  if (fork() == 0) {
    dup2(down[0], STDIN_FILENO);
    dup2(up[1], STDOUT_FILENO);
    execvp(command[0], command);
    perror("cannot run the command; give a path that exists");
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  fcntl(down[1], F_SETFL, O_NONBLOCK);
  fcntl(up[0], F_SETFL, O_NONBLOCK);
  f->to_child = down[1];
  f->from_child = up[0];
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: bench_forwarder PORT COMMAND [ARGUMENT...]\n");
    return 2;
  }
  struct forwarder* f = calloc(1, sizeof *f);
  start_child(f, argv + 2);
  struct http_loop* loop = http_listen(atoi(argv[1]), on_request, f);
  http_watch(loop, f->from_child, on_child_output, write_child);
  http_watch(loop, f->to_child, on_child_output, write_child);
  http_run(loop);
}
