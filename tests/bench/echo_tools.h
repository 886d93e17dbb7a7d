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
  } kind;
  long ms;
  struct span id;
  struct span text;
};

/// Answers one JSON-RPC message by appending to `out`, without a newline: `server/discover` with -32601 (this server is
/// of the handshake era), `initialize`, `ping`, `tools/list` and `tools/call` of `echo{text}` (a text of 100 bytes that
/// begins with the given one), `blob{bytes,text}` (a text of that size that begins and ends with the given one),
/// `wait{ms,text}` and `stall{ms,text}`. `padding` is how many made-up tools `tools/list` names besides.
struct follow_up answer_message(struct span message, int padding, struct byte_queue* out);

/// Appends the answer of a tool: a text of at least 100 bytes that begins with `text`.
void answer_text(struct span id, struct span text, struct byte_queue* out);

#endif
