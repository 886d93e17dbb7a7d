#include "actors/telemetry/otlp_spans.hpp"

#include "actors/telemetry/protobuf.hpp"
#include "messages/printable_line.hpp"
#include "messages/rpc/json_scan.hpp"

#include <cstdint>
#include <functional>

namespace hub {

namespace {

/// The numbers of fields in opentelemetry/proto/trace/v1/trace.proto and common.proto.
namespace field {
enum request : uint32_t { resource_spans = 1 };
enum resource_spans : uint32_t { resource = 1, scope_spans = 2 };
enum scope_spans : uint32_t { scope = 1, spans = 2 };
enum scope : uint32_t { scope_name = 1, scope_version = 2 };
enum resource : uint32_t { resource_attributes = 1 };
enum attribute : uint32_t { key = 1, value = 2, string_value = 1, int_value = 3 };
enum status : uint32_t { code = 3 };
enum span : uint32_t {
  trace_id = 1,
  span_id = 2,
  parent_span_id = 4,
  name = 5,
  kind = 6,
  start_time = 7,
  end_time = 8,
  attributes = 9,
  status = 15
};
} // namespace field

constexpr uint64_t status_error = 2;

/// Writes fields into a few bytes whose number is known before: each call of `append` costs as much as what these
/// are.
class field_writer {
public:
  explicit field_writer(char* to) noexcept : end_(to) {
    // nop
  }

  char* end() const noexcept {
    return end_;
  }

  void number(uint32_t field, uint64_t x) noexcept {
    *end_++ = static_cast<char>(field << 3);
    varint(x);
  }

  void fixed(uint32_t field, uint64_t x) noexcept {
    *end_++ = static_cast<char>(field << 3 | 1);
    for (int shift = 0; shift < 64; shift += 8)
      *end_++ = static_cast<char>(x >> shift & 0xff);
  }

  /// The beginning of bytes.
  void head(uint32_t field, size_t size) noexcept {
    *end_++ = static_cast<char>(field << 3 | 2);
    varint(size);
  }

  /// An id, its first byte first.
  void id(uint64_t x) noexcept {
    for (int shift = 56; shift >= 0; shift -= 8)
      *end_++ = static_cast<char>(x >> shift & 0xff);
  }

private:
  void varint(uint64_t x) noexcept {
    for (; x >= 0x80; x >>= 7)
      *end_++ = static_cast<char>((x & 0x7f) | 0x80);
    *end_++ = static_cast<char>(x);
  }

  char* end_;
};

/// What ids, kind and times take in a span, with their tags.
constexpr size_t trace_id_size = 18;
constexpr size_t span_id_size = 10;
constexpr size_t kind_size = 2;
constexpr size_t time_size = 9;

/// The longest beginning and the longest middle part of a span.
constexpr size_t longest_head = 11 + trace_id_size + 2 * span_id_size;
constexpr size_t longest_middle = kind_size + 2 * time_size;

uint64_t nanoseconds_of(std::chrono::system_clock::time_point x) {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(x.time_since_epoch()).count());
}

/// A text as a collector takes it, which refuses a whole request for one that is no UTF-8.
std::string_view sound(std::string_view text, std::string& holder) {
  if (rpc::is_utf8(text))
    return text;
  holder = printable_line(text);
  return holder;
}

/// An attribute whose text is UTF-8. An empty one is left out.
void add_word(protobuf_writer& out, uint32_t where, std::string_view key, std::string_view text) {
  if (text.empty())
    return;
  using writer = protobuf_writer;
  auto value = writer::size_of_bytes(text);
  out.begin_message(where, writer::size_of_bytes(key) + writer::size_of_number(value) + value);
  out.bytes(field::key, key);
  out.begin_message(field::value, value);
  out.bytes(field::string_value, text);
}

/// An attribute with a text from outside.
void add_text(protobuf_writer& out, uint32_t where, std::string_view key, std::string_view text) {
  std::string holder;
  add_word(out, where, key, sound(text, holder));
}

void add_number(protobuf_writer& out, uint32_t where, std::string_view key, uint64_t number) {
  using writer = protobuf_writer;
  auto value = writer::size_of_number(number);
  out.begin_message(where, writer::size_of_bytes(key) + writer::size_of_number(value) + value);
  out.bytes(field::key, key);
  out.begin_message(field::value, value);
  out.number(field::int_value, number);
}

bool is_bad(call_outcome x) noexcept {
  return x != call_outcome::ok && x != call_outcome::cancelled;
}

std::string_view name_of(cache_use x) noexcept {
  switch (x) {
    case cache_use::miss:
      return "miss";
    case cache_use::hit:
      return "hit";
    case cache_use::shared:
      return "shared";
    default:
      return {};
  }
}

/// What the conventions want of any request of MCP.
/// @param target That of the call, as UTF-8.
void add_common(protobuf_writer& out, const call_trace& x, std::string_view target) {
  add_text(out, field::attributes, "mcp.method.name", x.method);
  if (x.method == "tools/call") {
    add_word(out, field::attributes, "gen_ai.operation.name", "execute_tool");
    add_word(out, field::attributes, "gen_ai.tool.name", target);
  } else if (x.method == "prompts/get") {
    add_word(out, field::attributes, "gen_ai.prompt.name", target);
  } else {
    add_word(out, field::attributes, "mcp.resource.uri", target);
  }
  add_text(out, field::attributes, "slm_hub.server", x.server);
  if (!is_bad(x.outcome))
    return;
  add_word(out, field::attributes, "error.type", to_string(x.outcome));
  out.begin_message(field::status, protobuf_writer::size_of_number(status_error));
  out.number(field::code, status_error);
}

/// The place of something in a table.
size_t place_of(size_t hash, size_t places) noexcept {
  return (hash * 0x9E3779B97F4A7C15u >> 32) % places;
}

} // namespace

const std::string& otlp_spans::client_of(const call_trace& x) {
  auto number = reinterpret_cast<uintptr_t>(x.origin.get()) * 31 + reinterpret_cast<uintptr_t>(x.client.get());
  auto& place = clients_[place_of(number, clients_kept)];
  if (place.origin == x.origin && place.client == x.client)
    return place.text;
  place = {x.origin, x.client, {}};
  protobuf_writer out{place.text};
  if (x.origin)
    add_word(out, field::attributes, "mcp.session.id", x.origin->session);
  if (x.client) {
    add_word(out, field::attributes, "mcp.protocol.version", x.client->protocol_version);
    add_text(out, field::attributes, "slm_hub.client.name", x.client->name);
    add_text(out, field::attributes, "slm_hub.client.version", x.client->version);
  }
  return place.text;
}

const otlp_spans::subject_fields& otlp_spans::subject_of(const call_trace& x) {
  auto& place = subjects_[place_of(std::hash<std::string_view>{}(x.target), subjects_kept)];
  if (!place.name.empty() && place.outcome == x.outcome && place.cache == x.cache && place.server == x.server
      && place.method == x.method && place.target == x.target)
    return place;
  place = {x.server, x.method, x.target, x.outcome, x.cache, {}, {}, {}};
  std::string holder;
  protobuf_writer{place.name}.bytes(field::name, sound(x.name(), holder));
  std::string target_holder;
  protobuf_writer common{place.common};
  add_common(common, x, sound(x.target, target_holder));
  protobuf_writer whole{place.whole};
  add_word(whole, field::attributes, "slm_hub.outcome", to_string(x.outcome));
  add_word(whole, field::attributes, "slm_hub.cache", name_of(x.cache));
  return place;
}

void otlp_spans::append(std::string& to, const call_trace& x) {
  auto& client = client_of(x);
  auto& subject = subject_of(x);
  own_.clear();
  protobuf_writer own{own_};
  auto is_text = x.request.starts_with('"');
  add_text(own, field::attributes, "jsonrpc.request.id", is_text ? rpc::unquote(x.request).value_or(x.request) : x.request);
  add_number(own, field::attributes, "slm_hub.request.bytes", x.request_bytes);
  add_number(own, field::attributes, "slm_hub.answer.bytes", x.answer_bytes);
  auto ended = nanoseconds_of(x.wall_time(x.times.ended));
  auto at = [&](call_times::time_point t) {
    return ended - static_cast<uint64_t>(std::chrono::nanoseconds{x.times.ended - t}.count());
  };
  x.for_each_span([&](const call_span& span) {
    auto is_whole = span.name.empty();
    auto to_server = span.kind == span_kind::client;
    auto is_named = is_whole || to_server;
    auto parent = is_whole ? x.parent : x.whole;
    auto size = trace_id_size + span_id_size + (parent != 0 ? span_id_size : 0) + kind_size + 2 * time_size
                + (is_named ? subject.name.size() + subject.common.size() : protobuf_writer::size_of_bytes(span.name))
                + (is_whole ? subject.whole.size() + client.size() + own_.size() : 0);
    char text[longest_head > longest_middle ? longest_head : longest_middle];
    field_writer head{text};
    head.head(field::spans, size);
    head.head(field::trace_id, 16);
    head.id(x.trace.high);
    head.id(x.trace.low);
    head.head(field::span_id, 8);
    head.id(is_whole ? x.whole : to_server ? x.call : new_span_id());
    if (parent != 0) {
      head.head(field::parent_span_id, 8);
      head.id(parent);
    }
    to.append(text, head.end());
    if (is_named)
      to += subject.name;
    else
      protobuf_writer{to}.bytes(field::name, span.name);
    field_writer middle{text};
    middle.number(field::kind, static_cast<uint64_t>(span.kind));
    middle.fixed(field::start_time, at(span.from));
    middle.fixed(field::end_time, at(span.to));
    to.append(text, middle.end());
    if (is_named)
      to += subject.common;
    if (is_whole)
      to.append(subject.whole).append(client).append(own_);
  });
}

std::string export_request(std::string_view spans, std::string_view service) {
  std::string resource;
  protobuf_writer about{resource};
  add_text(about, field::resource_attributes, "service.name", service);
  add_word(about, field::resource_attributes, "service.version", HUB_VERSION);
  std::string scope;
  protobuf_writer scope_writer{scope};
  scope_writer.bytes(field::scope_name, "slm-hub");
  scope_writer.bytes(field::scope_version, HUB_VERSION);
  // The sizes come first, since the spans are many bytes to move.
  using writer = protobuf_writer;
  auto inner = writer::size_of_bytes(scope) + spans.size();
  auto outer = writer::size_of_bytes(resource) + writer::size_of_number(inner) + inner;
  std::string result;
  result.reserve(outer + 16);
  protobuf_writer out{result};
  out.begin_message(field::resource_spans, outer);
  out.bytes(field::resource, resource);
  out.begin_message(field::scope_spans, inner);
  out.bytes(field::scope, scope);
  result += spans;
  return result;
}

} // namespace hub
