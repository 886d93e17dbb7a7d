// bench_echo_http: the same MCP server over HTTP/1.1. Answers are application/json; that of a `report` whose caller wants
// progress is text/event-stream, all its events written at once.
//
// Usage: bench_echo_http --port N [--era handshake|stateless]
// (`wait` and `stall` answer at once: they are measured over stdio only)

#include "echo_tools.h"
#include "http_loop.h"

struct echo_server {
  struct server_shape shape;
  struct byte_queue answer; ///< Reused for each answer.
};

static void answer_report(struct echo_server* server, struct http_connection* from, struct follow_up next) {
  struct byte_queue* answer = &server->answer;
  size_t ends[steps_count + 1];
  for (int step = 1; step <= steps_count; ++step) {
    answer_step(next.token, step, answer);
    ends[step - 1] = queue_size(answer);
  }
  answer_text(next.id, next.text, answer);
  ends[steps_count] = queue_size(answer);
  struct span events[steps_count + 1];
  for (int i = 0; i <= steps_count; ++i) {
    size_t begin = i == 0 ? 0 : ends[i - 1];
    events[i] = (struct span){queue_front(answer) + begin, ends[i] - begin};
  }
  http_answer_events(from, events, steps_count + 1);
  queue_consume(answer, queue_size(answer));
}

static void on_request(void* owner, struct http_connection* from, struct span body) {
  struct echo_server* server = owner;
  struct byte_queue* answer = &server->answer;
  struct follow_up next = answer_message(body, &server->shape, answer);
  if (next.kind == report && next.token.at != NULL) {
    answer_report(server, from, next);
    return;
  }
  if (next.kind != done)
    answer_text(next.id, next.text, answer);
  struct span whole = {queue_front(answer), queue_size(answer)};
  http_answer(from, whole.size > 0 ? 200 : 202, &whole, whole.size > 0 ? 1 : 0);
  queue_consume(answer, whole.size);
}

int main(int argc, char** argv) {
  struct echo_server server = {0};
  int port = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--port") == 0)
      port = atoi(argv[i + 1]);
    else if (strcmp(argv[i], "--era") == 0)
      server.shape.stateless = strcmp(argv[i + 1], "stateless") == 0;
  }
  if (port == 0) {
    fprintf(stderr, "usage: bench_echo_http --port N [--era handshake|stateless]\n");
    return 2;
  }
  http_run(http_listen(port, on_request, &server));
}
