#include "actors/telemetry/otlp_spans.hpp"

#include "actors/telemetry/protobuf.hpp"
#include "messages/printable_line.hpp"
#include "messages/rpc/json_scan.hpp"

#include <cstdint>

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

/// An id as bytes, the first ones first.
struct id_bytes {
  explicit id_bytes(const trace_id& x) noexcept {
    put(x.high, 0);
    put(x.low, 8);
    size = 16;
  }

  explicit id_bytes(span_id x) noexcept {
    put(x, 0);
    size = 8;
  }

  void put(uint64_t x, size_t at) noexcept {
    for (size_t i = 0; i < 8; ++i)
      text[at + i] = static_cast<char>(x >> (56 - 8 * i) & 0xff);
  }

  std::string_view view() const noexcept {
    return {text, size};
  }

  char text[16];
  size_t size;
};

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
  if (is_bad(x.outcome))
    add_word(out, field::attributes, "error.type", to_string(x.outcome));
}

/// What only the request of the client has.
void add_request(protobuf_writer& out, const call_trace& x) {
  add_text(out, field::attributes, "jsonrpc.request.id", rpc::unquote(x.request).value_or(x.request));
  if (x.origin)
    add_word(out, field::attributes, "mcp.session.id", x.origin->session);
  if (x.client) {
    add_word(out, field::attributes, "mcp.protocol.version", x.client->protocol_version);
    add_text(out, field::attributes, "slm_hub.client.name", x.client->name);
    add_text(out, field::attributes, "slm_hub.client.version", x.client->version);
  }
  add_word(out, field::attributes, "slm_hub.outcome", to_string(x.outcome));
  add_word(out, field::attributes, "slm_hub.cache", name_of(x.cache));
  add_number(out, field::attributes, "slm_hub.request.bytes", x.request_bytes);
  add_number(out, field::attributes, "slm_hub.answer.bytes", x.answer_bytes);
}

} // namespace

void append_spans(std::string& to, const call_trace& x) {
  protobuf_writer out{to};
  id_bytes trace{x.trace};
  id_bytes whole{x.whole};
  auto ended = nanoseconds_of(x.wall_time(x.times.ended));
  auto at = [&](call_times::time_point t) {
    return ended - static_cast<uint64_t>(std::chrono::nanoseconds{x.times.ended - t}.count());
  };
  std::string name_holder;
  std::string target_holder;
  auto full_name = x.name();
  auto name = sound(full_name, name_holder);
  auto target = sound(x.target, target_holder);
  x.for_each_span([&](const call_span& span) {
    auto is_whole = span.name.empty();
    auto to_server = span.kind == span_kind::client;
    out.message(field::spans, [&] {
      out.bytes(field::trace_id, trace.view());
      out.bytes(field::span_id, is_whole ? whole.view() : id_bytes{to_server ? x.call : new_span_id()}.view());
      if (!is_whole)
        out.bytes(field::parent_span_id, whole.view());
      else if (x.parent != 0)
        out.bytes(field::parent_span_id, id_bytes{x.parent}.view());
      out.bytes(field::name, is_whole || to_server ? name : span.name);
      out.number(field::kind, static_cast<uint64_t>(span.kind));
      out.fixed(field::start_time, at(span.from));
      out.fixed(field::end_time, at(span.to));
      if (is_whole || to_server)
        add_common(out, x, target);
      if (is_whole)
        add_request(out, x);
      if ((is_whole || to_server) && is_bad(x.outcome)) {
        out.begin_message(field::status, protobuf_writer::size_of_number(status_error));
        out.number(field::code, status_error);
      }
    });
  });
}

std::string export_request(std::string_view spans, std::string_view service) {
  std::string result;
  result.reserve(spans.size() + 256);
  protobuf_writer out{result};
  out.message(field::resource_spans, [&] {
    out.message(field::resource, [&] {
      add_text(out, field::resource_attributes, "service.name", service);
      add_word(out, field::resource_attributes, "service.version", HUB_VERSION);
    });
    out.message(field::scope_spans, [&] {
      out.message(field::scope, [&] {
        out.bytes(field::scope_name, "slm-hub");
        out.bytes(field::scope_version, HUB_VERSION);
      });
      result += spans;
    });
  });
  return result;
}

} // namespace hub
