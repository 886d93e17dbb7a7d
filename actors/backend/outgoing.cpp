#include "actors/backend/outgoing.hpp"

#include "messages/implementation.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <array>

namespace hub {

namespace {

constexpr std::string_view key_version = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view key_capabilities = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view key_info = "io.modelcontextprotocol/clientInfo";
constexpr std::string_view key_log_level = "io.modelcontextprotocol/logLevel";

/// What a client says to the hub alone.
constexpr std::string_view key_whole_result = "hub/whole_result";

constexpr std::array<std::string_view, 8> level_names = {
  "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"};

bool is_stateless_key(std::string_view key) {
  return key == key_version || key == key_capabilities || key == key_info || key == key_log_level;
}

class object_writer {
public:
  void add(std::string_view key, std::string_view value) {
    text_ += text_.empty() ? "{\"" : ",\"";
    text_ += key;
    text_ += "\":";
    text_ += value;
  }

  /// The object, or nothing if it has no members.
  std::string finish() {
    return text_.empty() ? text_ : text_ + '}';
  }

private:
  std::string text_;
};

} // namespace

std::string_view to_string(log_level level) noexcept {
  auto index = static_cast<size_t>(level);
  return index < level_names.size() ? level_names[index] : "off";
}

log_level log_level_of(std::string_view name) noexcept {
  for (size_t i = 0; i < level_names.size(); ++i)
    if (level_names[i] == name)
      return static_cast<log_level>(i);
  return log_level::off;
}

outgoing_params translate_params(const backend_request& request, bool stateless_server,
                                 int64_t wire_id) {
  outgoing_params result;
  auto old = rpc::rare_member(request.params.view(), "_meta");
  if (old.empty() && !stateless_server && !request.may_be_joined && !request.trace) {
    result.params = request.params;
    return result;
  }
  // A stateless client's own metadata goes on; for others we speak.
  auto speaks_for_itself = request.client && request.client->era == era::stateless;
  object_writer meta;
  auto* trace = request.trace.get();
  auto has_state = false;
  auto has_baggage = false;
  rpc::for_each_member(old, [&](const rpc::json_member& x) {
    if ((trace && x.key == "traceparent") || x.key == key_whole_result)
      return true;
    has_state |= x.key == "tracestate";
    has_baggage |= x.key == "baggage";
    if (x.key == "progressToken") {
      result.progress_token = request.params.slice(x.value);
      meta.add(x.key, std::to_string(wire_id));
    } else if (!is_stateless_key(x.key) || (stateless_server && speaks_for_itself)) {
      meta.add(x.key, x.value);
    }
    return true;
  });
  if (trace) {
    // What came in headers goes on here, too.
    meta.add("traceparent", '"' + traceparent_of(*trace) + '"');
    if (!has_state && !trace->state.empty())
      meta.add("tracestate", rpc::quote(trace->state));
    if (!has_baggage && !trace->baggage.empty())
      meta.add("baggage", rpc::quote(trace->baggage));
  }
  if (request.may_be_joined && result.progress_token.empty())
    meta.add("progressToken", std::to_string(wire_id));
  if (stateless_server && !speaks_for_itself) {
    meta.add(key_version, rpc::quote(stateless_version));
    auto declares = request.client && !request.client->capabilities.empty();
    meta.add(key_capabilities, declares ? request.client->capabilities.view() : "{}");
    auto has_info = request.client && !request.client->info.empty();
    meta.add(key_info, has_info ? request.client->info.view() : own_implementation);
    if (request.logs != log_level::off)
      meta.add(key_log_level, rpc::quote(to_string(request.logs)));
  }
  result.params = rpc::edit_members(request.params, {{"_meta", meta.finish()}});
  return result;
}

std::string own_metadata() {
  object_writer meta;
  meta.add(key_version, rpc::quote(stateless_version));
  meta.add(key_capabilities, "{}");
  meta.add(key_info, own_implementation);
  return meta.finish();
}

text_parts restore_progress(const json_text& params, std::string_view token) {
  return rpc::make_request({}, "notifications/progress",
                           rpc::edit_members(params, {{"progressToken", token}}));
}

} // namespace hub
