#include "http_loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  connections_max = 4096,
  body_size_max = 64 << 20,
  head_size_max = 1 << 14,
  read_size = 1 << 16,
  pieces_max = 8,
  direct_write_min = 1 << 16
};

struct http_connection {
  struct http_loop* loop;
  int fd;     ///< -1 once the socket is closed.
  bool busy;  ///< A request has been handed out and not been answered.
  bool dirty; ///< Stands in the loop's list of those with something to write.
  struct byte_queue in;
  struct byte_queue out;
  struct http_connection* next_dirty;
};

struct http_loop {
  int epoll;
  int listener;
  int connections;
  http_handler on_request;
  void* owner;
  descriptor_handler on_ready;
  burst_handler on_burst_end;
  struct http_connection* dirty;
};

/// What epoll carries for the watched descriptors; its address alone counts.
static char watched_mark;

static void release(struct http_connection* c) {
  if (c->fd >= 0 || c->busy || c->dirty)
    return;
  free(c->in.data);
  free(c->out.data);
  free(c);
}

static void close_connection(struct http_connection* c) {
  if (c->fd < 0)
    return;
  close(c->fd);
  c->fd = -1;
  --c->loop->connections;
}

static void mark_dirty(struct http_connection* c) {
  if (c->dirty)
    return;
  c->dirty = true;
  c->next_dirty = c->loop->dirty;
  c->loop->dirty = c;
}

/// Reads the head at the front of `in`: its size, or 0 while it is incomplete, or -1 when it is none that we serve.
static long parse_head(const struct byte_queue* in, bool* is_post, size_t* body_size) {
  const char* begin = queue_front(in);
  const char* end = memmem(begin, queue_size(in), "\r\n\r\n", 4);
  if (end == NULL)
    return queue_size(in) > head_size_max ? -1 : 0;
  *is_post = strncmp(begin, "POST ", 5) == 0;
  *body_size = 0;
  for (const char* line = begin; line < end;) {
    const char* line_end = memchr(line, '\r', (size_t)(end + 1 - line));
    if ((*line == 'C' || *line == 'c') && line_end - line > 15 && strncasecmp(line, "Content-Length:", 15) == 0)
      *body_size = strtoul(line + 15, NULL, 10);
    line = line_end + 2;
  }
  return *body_size > body_size_max ? -1 : end + 4 - begin;
}

/// Hands out the requests that have arrived in full, one at a time.
static void dispatch(struct http_connection* c) {
  while (!c->busy && c->fd >= 0 && queue_size(&c->in) > 0) {
    bool is_post;
    size_t body_size;
    long head_size = parse_head(&c->in, &is_post, &body_size);
    if (head_size < 0) {
      close_connection(c);
      return;
    }
    if (head_size == 0 || queue_size(&c->in) < (size_t)head_size + body_size)
      return;
    struct span body = {queue_front(&c->in) + head_size, body_size};
    c->busy = true;
    if (is_post)
      c->loop->on_request(c->loop->owner, c, body);
    else
      http_answer(c, 405, NULL, 0);
    queue_consume(&c->in, (size_t)head_size + body_size);
  }
}

static void read_connection(struct http_connection* c) {
  while (c->fd >= 0) {
    ssize_t n = read(c->fd, queue_reserve(&c->in, read_size), read_size);
    if (n > 0) {
      c->in.end += (size_t)n;
      dispatch(c);
      if (n < read_size)
        return;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
      close_connection(c);
    } else if (errno == EAGAIN) {
      return;
    }
  }
}

static void write_connection(struct http_connection* c) {
  while (c->fd >= 0 && queue_size(&c->out) > 0) {
    ssize_t n = send(c->fd, queue_front(&c->out), queue_size(&c->out), MSG_NOSIGNAL);
    if (n >= 0)
      queue_consume(&c->out, (size_t)n);
    else if (errno == EAGAIN)
      return; // The edge that says there is room comes through epoll.
    else if (errno != EINTR)
      close_connection(c);
  }
}

void http_answer(struct http_connection* to, int status, const struct span* pieces, int count) {
  to->busy = false;
  size_t body_size = 0;
  for (int i = 0; i < count; ++i)
    body_size += pieces[i].size;
  char head[160];
  int head_size = snprintf(head, sizeof head,
                           "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status,
                           status == 200   ? "OK"
                           : status == 202 ? "Accepted"
                                           : "Refused",
                           body_size);
  mark_dirty(to);
  size_t written = 0;
  // A large result goes out from where it lies; only what the socket does not take is copied.
  if (body_size >= direct_write_min && to->fd >= 0 && queue_size(&to->out) == 0 && count < pieces_max) {
    struct iovec parts[pieces_max] = {{head, (size_t)head_size}};
    for (int i = 0; i < count; ++i)
      parts[i + 1] = (struct iovec){(void*)pieces[i].at, pieces[i].size};
    ssize_t n = writev(to->fd, parts, count + 1);
    written = n > 0 ? (size_t)n : 0;
  }
  struct span whole[pieces_max + 1] = {{head, (size_t)head_size}};
  for (int i = 0; i < count && i < pieces_max; ++i)
    whole[i + 1] = pieces[i];
  for (int i = 0; i <= count && i <= pieces_max; ++i) {
    size_t skip = written < whole[i].size ? written : whole[i].size;
    written -= skip;
    if (whole[i].size > skip)
      queue_append(&to->out, whole[i].at + skip, whole[i].size - skip);
  }
}

void http_answer_events(struct http_connection* to, const struct span* messages, int count) {
  static const char head[]
      = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  static const char before[] = "event: message\ndata: ";
  static const char behind[] = "\n\n\r\n";
  static const char last[] = "0\r\n\r\n";
  to->busy = false;
  mark_dirty(to);
  queue_append(&to->out, head, sizeof head - 1);
  for (int i = 0; i < count; ++i) {
    char size[24];
    int n = snprintf(size, sizeof size, "%zx\r\n", sizeof before - 1 + messages[i].size + 2);
    queue_append(&to->out, size, (size_t)n);
    queue_append(&to->out, before, sizeof before - 1);
    queue_append(&to->out, messages[i].at, messages[i].size);
    queue_append(&to->out, behind, sizeof behind - 1);
  }
  queue_append(&to->out, last, sizeof last - 1);
}

static void accept_all(struct http_loop* loop) {
  while (loop->connections < connections_max) {
    int fd = accept4(loop->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
      return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct http_connection* c = calloc(1, sizeof *c);
    c->loop = loop;
    c->fd = fd;
    ++loop->connections;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

struct http_loop* http_listen(int port, http_handler on_request, void* owner) {
  struct http_loop* loop = calloc(1, sizeof *loop);
  loop->on_request = on_request;
  loop->owner = owner;
  loop->epoll = epoll_create1(EPOLL_CLOEXEC);
  loop->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  setsockopt(loop->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address
      = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(loop->listener, (struct sockaddr*)&address, sizeof address) != 0 || listen(loop->listener, 1024) != 0) {
    perror("cannot listen on the port; give a free one with --port");
    exit(1);
  }
  signal(SIGPIPE, SIG_IGN);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = loop};
  epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->listener, &event);
  return loop;
}

void http_watch(struct http_loop* loop, int fd, descriptor_handler on_ready, burst_handler on_burst_end) {
  loop->on_ready = on_ready;
  loop->on_burst_end = on_burst_end;
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &watched_mark};
  epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event);
}

/// Writes the answers of the burst; a client's next request, if it is here already, may add to the list meanwhile.
static void write_dirty(struct http_loop* loop) {
  while (loop->dirty != NULL) {
    struct http_connection* c = loop->dirty;
    loop->dirty = c->next_dirty;
    c->dirty = false;
    dispatch(c);
    write_connection(c);
    release(c);
  }
}

void http_run(struct http_loop* loop) {
  struct epoll_event events[256];
  for (;;) {
    int n = epoll_wait(loop->epoll, events, 256, -1);
    for (int i = 0; i < n; ++i) {
      void* who = events[i].data.ptr;
      if (who == loop) {
        accept_all(loop);
      } else if (who == &watched_mark) {
        loop->on_ready(loop->owner, events[i].events);
      } else {
        struct http_connection* c = who;
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
          read_connection(c);
        mark_dirty(c);
      }
    }
    if (loop->on_burst_end != NULL)
      loop->on_burst_end(loop->owner);
    write_dirty(loop);
  }
}
