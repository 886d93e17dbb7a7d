#include "server/response.hpp"

#include "server/response_head.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace hub {

namespace {

constexpr std::string_view id_start = "id: ";
constexpr std::string_view event_start = "event: message\ndata: ";
constexpr std::string_view event_end = "\n\n";
constexpr std::string_view event_chunk_end = "\n\n\r\n";
constexpr std::string_view last_event_chunk_end = "\n\n\r\n0\r\n\r\n";

void append_chunk_size(std::string& out, size_t size) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), size, 16).ptr);
  out.append("\r\n");
}

bool has_line_end(const text_parts& message) {
  auto result = false;
  message.for_each([&result](std::string_view part) {
    result = result || part.find('\n') != std::string_view::npos
             || part.find('\r') != std::string_view::npos;
  });
  return result;
}

/// A text with line ends as one that is safe in an event: a JSON text has them
/// only between its tokens, where each may become the start of a new `data:` line.
text_parts split_lines(const text_parts& message) {
  std::string result;
  message.for_each([&result](std::string_view part) {
    for (auto c : part) {
      if (c == '\n')
        result += "\ndata: ";
      else if (c != '\r')
        result += c;
    }
  });
  return text_parts{json_text{std::move(result)}};
}

/// Memory for the heads of this thread, so that an answer costs no allocation.
std::string& head_memory() {
  thread_local std::string memory;
  memory.clear();
  return memory;
}

} // namespace

response::response(response_sink& sink, const http_request& request, std::string_view cors_origin)
  : sink_(&sink), json_(request.accepts.json),
    streams_(request.accepts.event_stream && request.takes_chunks),
    keep_alive_(request.keep_alive), without_body_(request.method == http_method::head),
    cors_origin_(cors_origin) {
  // nop
}

void response::send(int status, std::string_view content_type, const text_parts& body, std::string_view more) {
  if (ended())
    return;
  auto& head = head_memory();
  append_head(head, {.status = status,
                     .content_type = content_type,
                     .length = body.size(),
                     .cors_origin = cors_origin_,
                     .session_id = session_id_,
                     .more = more,
                     .close = !keep_alive_});
  sink_->write(head, without_body_ ? text_parts{} : body, {});
  end();
}

void response::send_page(int status, const text_parts& body) {
  if (ended())
    return;
  auto& head = head_memory();
  append_head(head, {.status = status,
                     .content_type = "text/html; charset=utf-8",
                     .length = body.size(),
                     .cors_origin = {},
                     .session_id = {},
                     .more = "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
                             "X-Content-Type-Options: nosniff\r\n"
                             "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
                             "frame-ancestors 'none'\r\n",
                     .close = !keep_alive_});
  sink_->write(head, without_body_ ? text_parts{} : body, {});
  end();
}

void response::send_empty(int status, std::string_view more) {
  if (ended())
    return;
  auto& head = head_memory();
  append_head(head, {.status = status,
                     .content_type = {},
                     .length = 0,
                     .cors_origin = cors_origin_,
                     .session_id = session_id_,
                     .more = more,
                     .close = !keep_alive_});
  sink_->write(head, {}, {});
  end();
}

bool response::begin_stream() {
  if (phase_ == phase::stream)
    return sink_ != nullptr;
  if (!streams_ || ended())
    return false;
  auto& head = head_memory();
  append_head(head, {.status = 200,
                     .content_type = "text/event-stream",
                     .length = std::nullopt,
                     .cors_origin = cors_origin_,
                     .session_id = session_id_,
                     .more = stream_headers,
                     .close = !keep_alive_});
  phase_ = phase::stream;
  sink_->write_part(head, {}, {});
  return sink_ != nullptr;
}

bool response::send_event(const text_parts& message, std::string_view id) {
  if (!begin_stream() || sink_->unsent() + message.size() > unsent_limit)
    return false;
  write_event(message, id, event_chunk_end);
  return true;
}

void response::send_always(const text_parts& message) {
  if (begin_stream())
    write_event(message, {}, event_chunk_end);
}

void response::send_named_event(std::string_view name, std::string_view data) {
  if (!begin_stream())
    return;
  std::string event{"event: "};
  event.append(name).append("\ndata: ").append(data).append("\n\n");
  write_chunk(event);
}

void response::send_priming(std::string_view id, std::chrono::milliseconds retry) {
  if (!begin_stream())
    return;
  std::string event{"id: "};
  event.append(id).append("\nretry: ").append(std::to_string(retry.count())).append("\ndata:\n\n");
  write_chunk(event);
}

void response::send_comment() {
  if (begin_stream() && sink_->unsent() == 0)
    sink_->write_part("3\r\n:\n\n\r\n", {}, {});
}

void response::send_answer(int status, const text_parts& message, std::string_view id) {
  if (ended())
    return;
  if (phase_ == phase::undecided && (json_ || !streams_))
    return send_json(status, message);
  if (!begin_stream())
    return;
  write_event(message, id, last_event_chunk_end);
  end();
}

void response::send_nothing() {
  if (ended())
    return;
  if (!begin_stream())
    return send_empty(202);
  sink_->write("0\r\n\r\n", {}, {});
  end();
}

void response::write_event(const text_parts& message, std::string_view id,
                           std::string_view chunk_end) {
  auto lines = has_line_end(message) ? split_lines(message) : message;
  auto& head = head_memory();
  auto id_line = id.empty() ? 0 : id_start.size() + id.size() + 1;
  append_chunk_size(head, id_line + event_start.size() + lines.size() + event_end.size());
  if (!id.empty())
    head.append(id_start).append(id).append("\n");
  head.append(event_start);
  if (chunk_end == last_event_chunk_end)
    sink_->write(head, lines, chunk_end);
  else
    sink_->write_part(head, lines, chunk_end);
}

void response::write_chunk(std::string_view text) {
  auto& head = head_memory();
  append_chunk_size(head, text.size());
  head.append(text).append("\r\n");
  sink_->write_part(head, {}, {});
}

void response::end() {
  phase_ = phase::ended;
  if (auto sink = std::exchange(sink_, nullptr))
    sink->finish(!keep_alive_);
}

} // namespace hub
