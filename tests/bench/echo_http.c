// bench_echo_http: the same MCP server over HTTP/1.1, for proxies that cannot speak stdio. Answers are
// application/json.
//
// Usage: bench_echo_http --port N      (`wait` and `stall` answer at once: they are measured over stdio only)

#include "echo_tools.h"
#include "http_loop.h"

static void on_request(void* owner, struct http_connection* from, struct span body) {
  struct byte_queue* answer = owner;
  struct follow_up next = answer_message(body, 0, answer);
  if (next.kind != done)
    answer_text(next.id, next.text, answer);
  struct span whole = {queue_front(answer), queue_size(answer)};
  http_answer(from, whole.size > 0 ? 200 : 202, &whole, whole.size > 0 ? 1 : 0);
  queue_consume(answer, whole.size);
}

int main(int argc, char** argv) {
  if (argc != 3 || strcmp(argv[1], "--port") != 0) {
    fprintf(stderr, "usage: bench_echo_http --port N\n");
    return 2;
  }
  struct byte_queue answer = {0};
  http_run(http_listen(atoi(argv[2]), on_request, &answer));
}
