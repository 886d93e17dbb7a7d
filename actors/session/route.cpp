#include "actors/session/route.hpp"

#include "actors/backend/outgoing.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <utility>

namespace hub {

forward forward_to(const known_server& server, std::string method, json_text params, bool tell_as_tool_result) {
  // What one session's own run tells is nobody else's.
  auto rule = server.per_session ? nullptr : cache_rule_of(server.cache_rules, method, params.view());
  auto price = price_of(server.prices, method, params.view());
  return {server.name, std::move(method), std::move(params), tell_as_tool_result, server.time_limit,
          server.per_session, nullptr, std::move(rule), std::move(price), server.cascades};
}

rpc_answer result_of(std::string json) {
  rpc_answer result;
  result.body = json_text{std::move(json)};
  return result;
}

rpc_answer error_of(int code, std::string_view message, std::string_view data) {
  rpc_answer result;
  result.kind = answer_kind::error;
  result.body = rpc::error_object(code, message, data);
  return result;
}

rpc_answer tool_error(std::string_view text) {
  return result_of(R"({"content":[{"type":"text","text":)" + rpc::quote(text)
                   + R"(}],"isError":true})");
}

rpc_answer denied(const permission_decision& why, std::string_view server, std::string_view tool,
                  bool as_tool_result) {
  auto text = explain_denial(why, tool.empty() ? "server " + std::string{server}
                                               : "tool " + std::string{tool} + " of server " + std::string{server});
  if (as_tool_result)
    return tool_error(text.cause + ". " + text.fix);
  rpc_answer result;
  result.kind = answer_kind::failure;
  result.why = std::make_shared<failure>(
    failure{failure::kind::denied, std::string{server}, std::move(text.cause), std::move(text.fix)});
  return result;
}

rpc_answer introduce(const client_request& request, const introduction& x) {
  std::string rest;
  if (!x.instructions.empty())
    rest = R"(,"instructions":)" + x.instructions;
  if (request.message.method == "server/discover")
    return result_of(R"({"supportedVersions":[")" + std::string{stateless_version}
                     + R"("],"capabilities":)" + x.capabilities
                     + R"(,"_meta":{"io.modelcontextprotocol/serverInfo":)" + x.server_info + "}"
                     + rest + "}");
  return result_of(R"({"protocolVersion":)" + rpc::quote(request.client->protocol_version)
                   + R"(,"capabilities":)" + x.capabilities + R"(,"serverInfo":)" + x.server_info
                   + rest + "}");
}

rpc_answer list_of(std::string_view member, const std::vector<json_text>& items) {
  std::string text = "{\"" + std::string{member} + "\":[";
  size_t size = text.size() + 2 + items.size();
  for (auto& item : items)
    size += item.size();
  text.reserve(size);
  auto first = true;
  for (auto& item : items) {
    if (!std::exchange(first, false))
      text += ',';
    text += item.view();
  }
  text += "]}";
  return result_of(std::move(text));
}

} // namespace hub
