#ifndef TESTS_BENCH_HTTP_LOOP_H
#define TESTS_BENCH_HTTP_LOOP_H

#include "byte_queue.h"
#include "json_scan.h"

#include <stdint.h>

/// The smallest HTTP/1.1 server that a yardstick needs: one thread, epoll, keep-alive, POST bodies with a
/// Content-Length of at most 64 MiB, one request at a time on a connection, at most 4,096 connections, answers written
/// once per burst of events.
struct http_loop;

/// One client's connection. It outlives its socket while a request of it is unanswered.
struct http_connection;

/// Called with the body of each POST; answer now or later with `http_answer`, exactly once.
typedef void (*http_handler)(void* owner, struct http_connection* from, struct span body);

/// Called when a descriptor given to `http_watch` is ready; `events` as epoll reports them.
typedef void (*descriptor_handler)(void* owner, uint32_t events);

/// Called at the end of each burst, before the answers are written.
typedef void (*burst_handler)(void* owner);

struct http_loop* http_listen(int port, http_handler on_request, void* owner);

/// Watches a descriptor of the owner's, edge triggered for reading and writing. All of them share one pair of handlers.
void http_watch(struct http_loop* loop, int fd, descriptor_handler on_ready, burst_handler on_burst_end);

/// Answers with `status` and a JSON body that consists of `count` pieces, copied before this returns.
void http_answer(struct http_connection* to, int status, const struct span* pieces, int count);

/// Answers with an event stream of `count` messages without line breaks, each in a chunk of its own, copied before this
/// returns and written at once.
void http_answer_events(struct http_connection* to, const struct span* messages, int count);

/// Serves until SIGTERM or SIGINT ends the process.
void http_run(struct http_loop* loop);

#endif
