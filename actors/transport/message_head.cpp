#include "actors/transport/message_head.hpp"

#include "messages/mirrored_headers.hpp"
#include "messages/protocol_versions.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hub {

namespace {

/// Line feeds outside of strings are white space, and inside they are not JSON.
void flatten(std::string& text) {
  for (auto end : {'\n', '\r'})
    if (auto first = text.find(end); first != std::string::npos)
      std::replace(text.begin() + static_cast<std::ptrdiff_t>(first), text.end(), end, ' ');
}

/// Whether a message begins like most answers do.
bool begins_as_answer(std::string_view message, int64_t id) {
  constexpr std::string_view begin = "{\"jsonrpc\":\"2.0\",\"id\":";
  if (!message.starts_with(begin))
    return false;
  message.remove_prefix(begin.size());
  int64_t said = 0;
  auto [end, error] = std::from_chars(message.data(), message.data() + message.size(), said);
  message.remove_prefix(static_cast<size_t>(end - message.data()));
  return error == std::errc{} && said == id && (message.starts_with(",\"result\":") || message.starts_with(",\"error\":"));
}

} // namespace

header_block message_headers(const http_hints& hints, std::string_view session) {
  static const header_block media_types{{"Content-Type", "application/json"},
                                        {"Accept", "application/json, text/event-stream"}};
  header_block result;
  result.reserve(256);
  result.add(media_types);
  for (auto& [name, value] : hints.trace)
    result.add(name, value);
  if (!hints.stateless) {
    if (!hints.version.empty() && hints.method != "initialize")
      result.add("MCP-Protocol-Version", hints.version);
    if (!session.empty() && hints.method != "initialize")
      result.add("Mcp-Session-Id", session);
    return result;
  }
  result.add("MCP-Protocol-Version", hints.version.empty() ? stateless_version : std::string_view{hints.version});
  if (!hints.method.empty())
    result.add("Mcp-Method", hints.method);
  if (!hints.name.empty())
    result.add("Mcp-Name", encode_header_value(hints.name));
  for (auto& [name, json] : hints.params) {
    auto text = rpc::unquote(json);
    result.add("Mcp-Param-" + name, text ? encode_header_value(*text) : json);
  }
  return result;
}

header_block stream_headers(std::string_view version, std::string_view session, std::string_view last_event_id) {
  header_block result{{"Accept", "text/event-stream"}, {"Cache-Control", "no-store"}};
  if (!version.empty())
    result.add("MCP-Protocol-Version", version);
  if (!session.empty())
    result.add("Mcp-Session-Id", session);
  if (!last_event_id.empty())
    result.add("Last-Event-ID", last_event_id);
  return result;
}

const http_hints& hints_of(const send_message& x) noexcept {
  static const http_hints none;
  return x.http ? *x.http : none;
}

bool is_session_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 4096
         && std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

bool answers_request(std::string_view message, int64_t id) {
  if (begins_as_answer(message, id))
    return true;
  auto is_call = false;
  auto has_answer = false;
  auto id_fits = false;
  rpc::for_each_member(message, [&](const rpc::json_member& x) {
    if (x.key == "method")
      is_call = true;
    else if (x.key == "result" || x.key == "error")
      has_answer = true;
    else if (x.key == "id")
      id_fits = rpc::to_integer(x.value) == id;
    return !is_call;
  });
  return has_answer && id_fits && !is_call;
}

std::vector<json_text> split_messages(std::string body) {
  flatten(body);
  json_text whole{std::move(body)};
  std::vector<json_text> result;
  auto first = rpc::json_cursor{whole.view()}.peek();
  if (first == '{') {
    result.push_back(std::move(whole));
  } else if (first == '[') {
    auto good = rpc::for_each_element(whole.view(), [&](std::string_view x) {
      result.push_back(whole.slice(x));
      return true;
    });
    if (!good)
      result.clear();
  }
  return result;
}

json_text error_for(const std::string& body, int64_t id) {
  // OAuth's errors are texts (RFC 6749, section 5.2).
  if (rpc::check_json(body) || !rpc::member(body, "error").starts_with('{') || !rpc::member(body, "method").empty())
    return {};
  auto said = rpc::member(body, "id");
  if (!said.empty() && said != "null" && rpc::to_integer(said) != id)
    return {};
  // Older servers leave the members out that everybody knows.
  auto flat = body;
  flatten(flat);
  auto number = std::to_string(id);
  return rpc::edit_members(json_text{std::move(flat)}, {{"jsonrpc", "\"2.0\""}, {"id", number}});
}

std::string excerpt_of(std::string_view body) {
  constexpr size_t most = 160;
  std::string result;
  auto in_tag = false;
  for (auto c : body) {
    if (result.size() >= most)
      break;
    if (c == '<')
      in_tag = true;
    auto blank = in_tag || static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (c == '>')
      in_tag = false;
    if (!blank)
      result += c;
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
  }
  while (!result.empty() && result.back() == ' ')
    result.pop_back();
  // The cut may have gone through a character.
  while (!result.empty() && !rpc::is_utf8(result))
    result.pop_back();
  return result;
}

} // namespace hub
