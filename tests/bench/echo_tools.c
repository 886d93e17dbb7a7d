#include "echo_tools.h"

enum { echo_size = 100, blob_size_max = 64 << 20 };

static void append(struct byte_queue* out, const char* text) {
  queue_append(out, text, strlen(text));
}

static void begin_answer(struct span id, const char* member, struct byte_queue* out) {
  append(out, "{\"jsonrpc\":\"2.0\",\"id\":");
  queue_append(out, id.at, id.size);
  append(out, member);
}

/// The inside of a JSON string, without its quotes; empty for anything else.
static struct span unquoted(struct span s) {
  if (s.at == NULL || s.size < 2 || s.at[0] != '"')
    return (struct span){"", 0};
  return (struct span){s.at + 1, s.size - 2};
}

static long number_of(struct span s, long otherwise) {
  char digits[24] = {0};
  if (s.at == NULL || s.size == 0 || s.size >= sizeof digits)
    return otherwise;
  memcpy(digits, s.at, s.size);
  return strtol(digits, NULL, 10);
}

void answer_text(struct span id, struct span text, struct byte_queue* out) {
  begin_answer(id, ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"", out);
  queue_append(out, text.at, text.size);
  if (text.size < echo_size) {
    size_t missing = echo_size - text.size;
    memset(queue_reserve(out, missing), '.', missing);
    out->end += missing;
  }
  append(out, "\"}],\"isError\":false}}");
}

/// Prose with what real results have in them: escapes and a few bytes beyond ASCII.
static void answer_blob(struct span id, struct span text, long bytes, struct byte_queue* out) {
  static const char prose[]
      = "The quick brown fox \\\"jumps\\\" over the lazy dog;\\n caf\xc3\xa9, \xe2\x82\xac 12.50.\\n";
  if (bytes < 0 || bytes > blob_size_max) {
    begin_answer(id, ",\"error\":{\"code\":-32602,\"message\":\"bytes must be between 0 and 67108864\"}}", out);
    return;
  }
  begin_answer(id, ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"", out);
  char* at = queue_reserve(out, (size_t)bytes + 2 * text.size + 64);
  char* const begin = at;
  memcpy(at, text.at, text.size);
  at += text.size;
  while ((size_t)(at - begin) + sizeof prose + text.size <= (size_t)bytes) {
    memcpy(at, prose, sizeof prose - 1);
    at += sizeof prose - 1;
  }
  while ((size_t)(at - begin) + text.size < (size_t)bytes)
    *at++ = '.';
  memcpy(at, text.at, text.size);
  at += text.size;
  out->end += (size_t)(at - begin);
  append(out, "\"}],\"isError\":false}}");
}

/// One tool of the size that tools of real servers have, so that catalogues are as large as theirs.
static void append_padding_tool(int index, struct byte_queue* out) {
  char tool[1024];
  int n = snprintf(
      tool, sizeof tool,
      ",{\"name\":\"list_records_%d\",\"title\":\"List records of kind %d\",\"description\":\"Lists the records of "
      "kind %d that match a "
      "filter, newest first. Use the cursor of the last page to get the next one. Records that the caller may not read "
      "are left "
      "out without a "
      "word.\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"filter\":{\"type\":\"string\",\"description\":"
      "\"Words "
      "that must occur in the "
      "record\"},\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100,\"description\":\"How many records a "
      "page has at most\"},\"cursor\":{\"type\":\"string\",\"description\":\"Where the last page "
      "ended\"}},\"required\":[\"filter\"]}}",
      index, index, index);
  queue_append(out, tool, (size_t)n);
}

void answer_step(struct span token, int step, struct byte_queue* out) {
  char rest[64];
  append(out, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":");
  queue_append(out, token.at, token.size);
  int n = snprintf(rest, sizeof rest, ",\"progress\":%d,\"total\":%d}}", step, steps_count);
  queue_append(out, rest, (size_t)n);
}

static void answer_tools(struct span id, const struct server_shape* shape, struct byte_queue* out) {
  static const char* const own = "{\"name\":\"%s\",\"description\":\"%s\",\"inputSchema\":{\"type\":\"object\","
                                 "\"properties\":{%s\"text\":{\"type\":"
                                 "\"string\"}},\"required\":[\"text\"]}}%s";
  static const char* const rows[][3] = {
      {"echo", "Says the given text again, with dots to 100 bytes", ""},
      {"blob", "Answers with a text of the given size", "\"bytes\":{\"type\":\"integer\"},"},
      {"wait", "Answers after the given time", "\"ms\":{\"type\":\"integer\"},"},
      {"stall", "Makes the server deaf for the given time", "\"ms\":{\"type\":\"integer\"},"},
      {"report", "Answers like echo, and reports progress before", ""},
  };
  begin_answer(id, ",\"result\":{\"tools\":[", out);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    char tool[512];
    int n = snprintf(tool, sizeof tool, own, rows[i][0], rows[i][1], rows[i][2], i < 3 ? "," : "");
    queue_append(out, tool, (size_t)n);
  }
  for (int i = 0; i < shape->padding; ++i)
    append_padding_tool(i, out);
  append(out, shape->stateless ? "],\"resultType\":\"complete\",\"ttlMs\":0,\"cacheScope\":\"private\"}}" : "]}}");
}

static struct follow_up answer_call(struct span id, struct span params, struct byte_queue* out) {
  static const char* const call_keys[] = {"name", "arguments", "_meta"};
  struct span call[3];
  find_members(params, 3, call_keys, call);
  static const char* const argument_keys[] = {"text", "bytes", "ms"};
  struct span arguments[3];
  struct follow_up next = {done, 0, id, {NULL, 0}, {NULL, 0}};
  if (span_is(call[0], "\"echo\"")) {
    find_members(call[1], 1, argument_keys, arguments);
    answer_text(id, unquoted(arguments[0]), out);
    return next;
  }
  find_members(call[1], 3, argument_keys, arguments);
  next.text = unquoted(arguments[0]);
  next.ms = number_of(arguments[2], 0);
  if (span_is(call[0], "\"blob\""))
    answer_blob(id, next.text, number_of(arguments[1], 0), out);
  else if (span_is(call[0], "\"wait\""))
    next.kind = later;
  else if (span_is(call[0], "\"stall\""))
    next.kind = stall;
  else if (span_is(call[0], "\"report\"")) {
    static const char* const meta_keys[] = {"progressToken"};
    next.kind = report;
    if (call[2].at != NULL)
      find_members(call[2], 1, meta_keys, &next.token);
  } else
    begin_answer(id, ",\"error\":{\"code\":-32602,\"message\":\"unknown tool; tools/list names them\"}}", out);
  return next;
}

struct follow_up answer_message(struct span message, const struct server_shape* shape, struct byte_queue* out) {
  static const char* const keys[] = {"id", "method", "params"};
  struct span members[3];
  find_members(message, 3, keys, members);
  struct span id = members[0];
  struct span method = members[1];
  if (id.at == NULL || method.at == NULL)
    return (struct follow_up){done, 0, id, {NULL, 0}, {NULL, 0}};
  if (span_is(method, "\"tools/call\""))
    return answer_call(id, members[2], out);
  if (shape->stateless && span_is(method, "\"server/discover\""))
    begin_answer(id,
                 ",\"result\":{\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"],"
                 "\"capabilities\":{\"tools\":{}},\"ttlMs\":0,\"cacheScope\":\"private\",\"_meta\":{"
                 "\"io.modelcontextprotocol/serverInfo\":{\"name\":\"bench-echo\",\"version\":\"1.0.0\"}}}}",
                 out);
  else if (!shape->stateless && span_is(method, "\"initialize\""))
    begin_answer(id,
                 ",\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                 "\"serverInfo\":{\"name\":\"bench-echo\",\"version\":\"1.0.0\"}}}",
                 out);
  else if (span_is(method, "\"tools/list\""))
    answer_tools(id, shape, out);
  else if (!shape->stateless && span_is(method, "\"ping\""))
    begin_answer(id, ",\"result\":{}}", out);
  else
    begin_answer(id, ",\"error\":{\"code\":-32601,\"message\":\"no such method\"}}", out);
  return (struct follow_up){done, 0, id, {NULL, 0}, {NULL, 0}};
}
