#include "actors/session/transparent_door.hpp"

#include "actors/backend/task_owners.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

namespace hub {

namespace {

introduction introduction_of(const known_server& server, const client_context& client) {
  auto& x = *server.catalogue;
  auto info = x.server_info.empty() ? "{\"name\":" + rpc::quote(server.name) + R"(,"version":""})"
                                    : std::string{x.server_info.view()};
  auto instructions = x.instructions.view();
  return {std::string{visible_capabilities(x, client).view()}, std::move(info),
          instructions.starts_with('"') ? std::string{instructions} : std::string{}};
}

/// The catalogue's list for a method, or null if the method lists nothing.
const std::vector<json_text>* list_for(const server_catalogue& x, std::string_view method,
                                       std::string_view& member) {
  if (method == "tools/list") {
    member = "tools";
    return &x.tools;
  }
  if (method == "resources/list") {
    member = "resources";
    return &x.resources;
  }
  if (method == "resources/templates/list") {
    member = "resourceTemplates";
    return &x.templates;
  }
  if (method == "prompts/list") {
    member = "prompts";
    return &x.prompts;
  }
  return nullptr;
}

} // namespace

route route_transparent(const known_server& server, const client_request& request) {
  auto& method = request.message.method;
  if (method == "ping")
    return result_of("{}");
  auto introduces = method == "initialize" || method == "server/discover";
  if (!server.catalogue) {
    if (introduces || method.ends_with("/list") || method == "logging/setLevel")
      return missing::catalogue;
    return forward_to(server, method, request.message.params);
  }
  auto& known = *server.catalogue;
  if (introduces)
    return introduce(request, introduction_of(server, *request.client));
  std::string_view member;
  if (auto* list = list_for(known, method, member)) {
    // A kind of list that the server does not offer is its own error to give.
    auto kind = std::string_view{method}.substr(0, method.find('/'));
    if (!rpc::member(known.capabilities.view(), kind).empty()) {
      if (!rpc::member(request.message.params.view(), "cursor").empty())
        return error_of(invalid_params, "Invalid params: this cursor was not given by this server; "
                                        "the list has one page");
      return list_of(member, *list);
    }
  }
  if (method == "logging/setLevel" && known.stateless)
    return result_of("{}");
  return forward_to(server, method, request.message.params);
}

} // namespace hub
