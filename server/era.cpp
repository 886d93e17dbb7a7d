#include "server/era.hpp"

#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"
#include "server/mcp_headers.hpp"
#include "messages/protocol_versions.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace hub {

namespace {

constexpr std::string_view meta_prefix = "io.modelcontextprotocol/";

/// What `params._meta` says about the era; each empty if absent.
struct meta_members {
  std::string_view version;
  std::string_view info;
  std::string_view capabilities;
  std::string_view log_level;
  trace_claim trace;
};

meta_members read_meta(const json_text& params) {
  meta_members result;
  auto meta = rpc::rare_member(params.view(), "_meta");
  rpc::for_each_member(meta, [&result](const rpc::json_member& x) {
    std::string unescaped;
    auto key = x.key;
    if (key.find('\\') != std::string_view::npos) {
      unescaped = rpc::unquote('"' + std::string{key} + '"').value_or("");
      key = unescaped;
    }
    if (!key.starts_with(meta_prefix)) {
      result.trace.take(key, x.value);
      return true;
    }
    key.remove_prefix(meta_prefix.size());
    if (key == "protocolVersion")
      result.version = x.value;
    else if (key == "clientInfo")
      result.info = x.value;
    else if (key == "clientCapabilities")
      result.capabilities = x.value;
    else if (key == "logLevel")
      result.log_level = x.value;
    return true;
  });
  return result;
}

bool is_string(std::string_view value) noexcept {
  return value.size() >= 2 && value.front() == '"';
}

bool is_object(std::string_view value) noexcept {
  return !value.empty() && value.front() == '{';
}

/// The text between the quotes. Names of versions and levels have no escapes; one
/// that has some is simply another name.
std::string_view between_quotes(std::string_view value) noexcept {
  return value.substr(1, value.size() - 2);
}

/// Methods of the handshake era that the stateless one has no more.
constexpr std::array<std::string_view, 7> removed_methods{
  "initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
  "tasks/list", "tasks/result"};

bool is_removed(std::string_view method) noexcept {
  return std::find(removed_methods.begin(), removed_methods.end(), method)
         != removed_methods.end();
}

refusal bad_params(std::string message, const json_text& id) {
  return {400, rpc_code::invalid_params, "Invalid params: " + std::move(message), {}, id};
}

std::variant<mcp_post, refusal> read_stateless(const http_request& request,
                                               rpc::envelope&& message, const meta_members& meta) {
  auto& id = message.id;
  if (meta.version.empty())
    return bad_params("_meta has no io.modelcontextprotocol/protocolVersion, and the header "
                      "MCP-Protocol-Version names a version that requires it",
                      id);
  if (!is_string(meta.version))
    return bad_params("io.modelcontextprotocol/protocolVersion is not a string", id);
  auto version = between_quotes(meta.version);
  // Told before an unsupported version: the conformance suite wants it so.
  if (auto wrong = find_version_mismatch(request, version))
    return refusal{400, rpc_code::header_mismatch, std::move(*wrong), {}, id};
  if (version != stateless_version)
    return refusal{400, rpc_code::unsupported_protocol_version,
                   "Unsupported protocol version: use one of data.supported, or initialize for "
                   "a version before 2026-07-28",
                   R"({"supported":[")" + std::string{stateless_version} + R"("],"requested":)"
                     + std::string{meta.version} + "}",
                   id};
  if (!is_object(meta.capabilities))
    return bad_params("_meta has no object io.modelcontextprotocol/clientCapabilities; send {} "
                      "for none",
                      id);
  if (!meta.info.empty() && !is_object(meta.info))
    return bad_params("io.modelcontextprotocol/clientInfo is not an object", id);
  mcp_post result;
  result.era = era::stateless;
  result.trace = meta.trace;
  result.claim.version = version;
  result.claim.info = meta.info;
  result.claim.capabilities = meta.capabilities;
  if (!meta.log_level.empty()) {
    auto level = is_string(meta.log_level) ? to_log_level(between_quotes(meta.log_level))
                                           : std::nullopt;
    if (!level)
      return bad_params("io.modelcontextprotocol/logLevel is not one of debug, info, notice, "
                        "warning, error, critical, alert, emergency",
                        id);
    result.claim.logs = *level;
  }
  if (auto wrong = find_mismatch(request, message.method, message.params))
    return refusal{400, rpc_code::header_mismatch, std::move(*wrong), {}, id};
  if (is_removed(message.method))
    return refusal{404, rpc_code::method_not_found,
                   "Method not found: " + message.method + " is not a method of "
                     + std::string{stateless_version},
                   {},
                   id};
  result.message = std::move(message);
  return result;
}

/// Whether the header names a version of the stateless era.
bool claims_stateless(const http_request& request) noexcept {
  return trimmed(request.protocol_version) == stateless_version;
}

refusal to_refusal(rpc::bad_message&& x) {
  return {400, x.code, std::move(x.message), {}, std::move(x.id)};
}

refusal bad_batch(std::string message) {
  return {400, rpc_code::invalid_request, "Invalid Request: " + std::move(message), {}, {}};
}

std::variant<mcp_post, refusal> read_batch(const http_request& request) {
  if (auto wrong = rpc::check_json(request.body.view()))
    return refusal{400, rpc_code::parse_error, "Parse error: " + *wrong, {}, {}};
  if (claims_stateless(request))
    return bad_batch("this version has no batches; send each message by itself");
  mcp_post result;
  std::optional<refusal> wrong;
  rpc::for_each_element(request.body.view(), [&](std::string_view element) {
    if (result.batch.size() == batch_limit) {
      wrong = bad_batch("the batch has more than " + std::to_string(batch_limit)
                        + " messages; send smaller ones");
      return false;
    }
    auto scanned = rpc::scan_client_message(request.body.slice(element));
    if (auto bad = std::get_if<rpc::bad_message>(&scanned)) {
      wrong = to_refusal(std::move(*bad));
      return false;
    }
    auto& message = std::get<rpc::envelope>(scanned);
    if (message.method == "initialize")
      wrong = bad_batch("initialize must not be in a batch; send it by itself");
    else if (!read_meta(message.params).version.empty())
      wrong = bad_batch("a message of the stateless era must not be in a batch; send it by itself");
    result.batch.push_back(std::move(message));
    return !wrong;
  });
  if (wrong)
    return std::move(*wrong);
  if (result.batch.empty())
    return bad_batch("the batch is empty");
  return result;
}

} // namespace

std::optional<log_level> to_log_level(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 8> names{
    "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"};
  auto i = std::find(names.begin(), names.end(), name);
  if (i == names.end())
    return std::nullopt;
  return static_cast<log_level>(i - names.begin());
}

std::string_view negotiate(std::string_view wanted) noexcept {
  auto i = std::find(handshake_versions.begin(), handshake_versions.end(), wanted);
  return i == handshake_versions.end() ? newest_handshake_version : *i;
}

std::optional<refusal> check_initialize(const rpc::envelope& message) {
  auto version = rpc::member(message.params.view(), "protocolVersion");
  if (!is_string(version))
    return bad_params("initialize has no string protocolVersion", message.id);
  if (message.params.size() > initialize_limit)
    return bad_params("initialize has more than 64 KiB of params", message.id);
  return std::nullopt;
}

std::optional<refusal> check_handshake_version(std::string_view header, const json_text& id) {
  auto version = trimmed(header);
  if (version.empty() || is_handshake_version(version))
    return std::nullopt;
  std::string known;
  for (auto x : handshake_versions)
    known.append(known.empty() ? "" : ", ").append(x);
  return refusal{400, rpc_code::bad_session,
                 "Bad Request: Unsupported protocol version " + std::string{version}
                   + " in MCP-Protocol-Version; a session may use " + known,
                 {},
                 id};
}

std::variant<mcp_post, refusal> read_post(const http_request& request) {
  if (!is_json_type(request.content_type))
    return refusal{415, rpc_code::bad_session,
                   "Unsupported Media Type: send Content-Type: application/json", {}, {}};
  if (!request.accepts.json && !request.accepts.event_stream)
    return refusal{406, rpc_code::bad_session,
                   "Not Acceptable: accept application/json, text/event-stream, or both", {}, {}};
  auto body = request.body.view();
  auto first = body.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && body[first] == '[')
    return read_batch(request);
  auto scanned = rpc::scan_client_message(request.body);
  if (auto bad = std::get_if<rpc::bad_message>(&scanned))
    return to_refusal(std::move(*bad));
  auto& message = std::get<rpc::envelope>(scanned);
  auto header_claims = claims_stateless(request);
  trace_claim trace;
  if (message.kind == rpc::message_kind::request) {
    auto meta = read_meta(message.params);
    trace = meta.trace;
    if (!meta.version.empty() || header_claims)
      return read_stateless(request, std::move(message), meta);
  } else if (header_claims && message.kind != rpc::message_kind::notification) {
    return refusal{400, rpc_code::invalid_request,
                   "Invalid Request: this version has no answers of clients; answer in "
                   "inputResponses of the request that is sent again",
                   {},
                   {}};
  }
  mcp_post result;
  result.era = header_claims ? era::stateless : era::handshake;
  result.trace = trace;
  result.message = std::move(message);
  return result;
}

} // namespace hub
