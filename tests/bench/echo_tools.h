#ifndef TESTS_BENCH_ECHO_TOOLS_H
#define TESTS_BENCH_ECHO_TOOLS_H

#include "byte_queue.h"
#include "json_scan.h"

/// What remains to be done after `answer_message`.
struct follow_up {
  enum {
    done,  ///< Nothing: the answer, if one is due, has been appended.
    later, ///< The answer is due in `ms` milliseconds: `answer_text` with the id kept by the caller.
    stall, ///< As `later`, but the whole server must be deaf meanwhile, as a broken one would be.
    report ///< `steps_count` times `answer_step`, then `answer_text`.
  } kind;
  long ms;
  struct span id;
  struct span text;
  struct span token; ///< What notifications of progress carry; null if the call wants none.
};

/// How many notifications of progress a `report` sends.
enum { steps_count = 3 };

/// What a server is like.
struct server_shape {
  int padding;    ///< How many made-up tools `tools/list` names besides the real ones.
  bool stateless; ///< It speaks 2026-07-28 and nothing else; otherwise it is of the handshake era.
};

/// Answers one JSON-RPC message by appending to `out`, without a newline: `server/discover` or `initialize` and `ping`,
/// by its era, `tools/list` and `tools/call` of `echo{text}` (a text of 100 bytes that begins with the given one),
/// `blob{bytes,text}` (a text of that size that begins and ends with the given one), `wait{ms,text}`,
/// `stall{ms,text}` and `report{text}` (as `echo`, behind notifications of progress).
struct follow_up answer_message(struct span message, const struct server_shape* shape, struct byte_queue* out);

/// Appends a notification of progress; `step` counts from 1.
void answer_step(struct span token, int step, struct byte_queue* out);

/// Appends the answer of a tool: a text of at least 100 bytes that begins with `text`.
void answer_text(struct span id, struct span text, struct byte_queue* out);

#endif
