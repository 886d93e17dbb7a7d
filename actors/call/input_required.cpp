#include "actors/call/input_required.hpp"

#include "messages/rpc/codes.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <utility>

namespace hub {

namespace {

constexpr size_t max_requests = 64;

using rpc_code::invalid_params;
using rpc_code::method_not_found;

bool is_object(std::string_view value) {
  return value.starts_with('{');
}

std::string name_of(const rpc::json_member& x) {
  return rpc::unquote('"' + std::string{x.key} + '"').value_or("");
}

json_text refusal(int code, std::string_view message) {
  return rpc::error_object(code, message);
}

/// The capability `name`, or one inside of it; empty if it is not declared.
std::string_view declared(const client_context& client, std::string_view name, std::string_view inner = {}) {
  auto found = rpc::member(client.capabilities.view(), name);
  return inner.empty() || found.empty() ? found : rpc::member(found, inner);
}

} // namespace

std::optional<required_input> read_required_input(const json_text& result) {
  auto text = result.view();
  if (rpc::member(text, "resultType") != "\"input_required\"")
    return std::nullopt;
  required_input x;
  rpc::for_each_member(rpc::member(text, "inputRequests"), [&](const rpc::json_member& request) {
    auto params = rpc::member(request.value, "params");
    x.requests.push_back({name_of(request), rpc::unquote(rpc::member(request.value, "method")).value_or(""),
                          is_object(params) ? result.slice(params) : json_text{}});
    return x.requests.size() < max_requests;
  });
  if (auto state = rpc::member(text, "requestState"); !state.empty())
    x.state = result.slice(state);
  return x;
}

json_text write_required_input(const required_input& x) {
  std::string text = R"({"resultType":"input_required","inputRequests":{)";
  for (auto& request : x.requests) {
    text += (&request == x.requests.data() ? "" : ",") + rpc::quote(request.key) + R"(:{"method":)"
            + rpc::quote(request.method);
    if (!request.params.empty())
      text.append(R"(,"params":)").append(request.params.view());
    text += '}';
  }
  text += "}";
  if (!x.state.empty())
    text.append(R"(,"requestState":)").append(x.state.view());
  return json_text{text + "}"};
}

std::map<std::string, json_text> read_input_responses(const json_text& params) {
  std::map<std::string, json_text> result;
  rpc::for_each_member(rpc::member(params.view(), "inputResponses"), [&](const rpc::json_member& x) {
    result.emplace(name_of(x), params.slice(x.value));
    return result.size() < max_requests;
  });
  return result;
}

json_text with_input_responses(const json_text& params, const std::map<std::string, json_text>& responses,
                               const json_text& state) {
  std::string text;
  for (auto& [key, response] : responses)
    text += (text.empty() ? "{" : ",") + rpc::quote(key) + ':' + std::string{response.view()};
  return rpc::edit_members(params, {{"inputResponses", text.empty() ? text : text + '}'},
                                    {"requestState", state.view()}});
}

json_text without_input(const json_text& params, bool bare) {
  auto result = rpc::edit_members(params, {{"inputResponses", ""}, {"requestState", ""}});
  return bare ? rpc::edit_members(result, {{"_meta", ""}}) : result;
}

std::optional<json_text> undeclared(const client_context& client, std::string_view method,
                                    std::string_view params) {
  if (method == "roots/list") {
    if (declared(client, "roots").empty())
      return refusal(method_not_found, "Method not found: the client did not declare roots");
  } else if (method == "sampling/createMessage") {
    if (declared(client, "sampling").empty())
      return refusal(method_not_found, "Method not found: the client did not declare sampling");
    auto wants_tools = !rpc::member(params, "tools").empty() || !rpc::member(params, "toolChoice").empty();
    if (wants_tools && declared(client, "sampling", "tools").empty())
      return refusal(invalid_params, "Invalid params: the client did not declare sampling.tools");
  } else if (method == "elicitation/create") {
    auto elicitation = declared(client, "elicitation");
    if (elicitation.empty())
      return refusal(method_not_found, "Method not found: the client did not declare elicitation");
    auto url = rpc::member(params, "mode") == "\"url\"";
    // An empty object is the form alone, as before there were modes.
    auto has_form = !rpc::member(elicitation, "form").empty() || rpc::member(elicitation, "url").empty();
    if (url && rpc::member(elicitation, "url").empty())
      return refusal(invalid_params, "Invalid params: the client did not declare elicitation.url");
    if (!url && !has_form)
      return refusal(invalid_params, "Invalid params: the client did not declare elicitation.form");
  } else {
    return refusal(method_not_found, "Method not found: " + std::string{method});
  }
  return std::nullopt;
}

std::pair<std::string, std::string> required_capability(std::string_view method, std::string_view params) {
  if (method == "roots/list")
    return {"roots", "{}"};
  if (method == "sampling/createMessage") {
    auto wants_tools = !rpc::member(params, "tools").empty() || !rpc::member(params, "toolChoice").empty();
    return {"sampling", wants_tools ? R"({"tools":{}})" : "{}"};
  }
  return {"elicitation", rpc::member(params, "mode") == "\"url\"" ? R"({"url":{}})" : R"({"form":{}})"};
}

json_text missing_capabilities(const std::map<std::string, std::string>& required) {
  std::string names;
  std::string members;
  for (auto& [name, value] : required) {
    names += (names.empty() ? "" : ", ") + name;
    members += (members.empty() ? "" : ",") + rpc::quote(name) + ':' + value;
  }
  return rpc::error_object(rpc_code::missing_required_client_capability,
                           "Missing required client capability: the server needs " + names
                             + " for this request, which its _meta does not declare; call again with it, or with "
                               "other arguments",
                           R"({"requiredCapabilities":{)" + members + "}}");
}

std::optional<std::string> wrong_response(std::string_view method, std::string_view response) {
  if (!is_object(response))
    return "it is not an object";
  if (method == "elicitation/create") {
    auto action = rpc::member(response, "action");
    if (action != "\"accept\"" && action != "\"decline\"" && action != "\"cancel\"")
      return "\"action\" is not accept, decline or cancel";
    auto content = rpc::member(response, "content");
    if (!content.empty() && !is_object(content))
      return "\"content\" is not an object";
  } else if (method == "sampling/createMessage") {
    if (!rpc::member(response, "role").starts_with('"'))
      return "\"role\" is missing";
    auto content = rpc::member(response, "content");
    if (!is_object(content) && !content.starts_with('['))
      return "\"content\" is missing";
    if (!rpc::member(response, "model").starts_with('"'))
      return "\"model\" is missing";
  } else if (method == "roots/list") {
    if (!rpc::member(response, "roots").starts_with('['))
      return "\"roots\" is not an array";
  }
  return std::nullopt;
}

std::vector<input_request> read_url_elicitations(const json_text& error) {
  std::vector<input_request> result;
  if (rpc::to_integer(rpc::member(error.view(), "code")) != rpc_code::url_elicitation_required)
    return result;
  auto list = rpc::member(rpc::member(error.view(), "data"), "elicitations");
  rpc::for_each_element(list, [&](std::string_view x) {
    // The stateless era knows no id of an elicitation.
    result.push_back({"url-" + std::to_string(result.size() + 1), "elicitation/create",
                      rpc::edit_members(error.slice(x), {{"mode", "\"url\""}, {"elicitationId", ""}})});
    return result.size() < max_requests;
  });
  return result;
}

} // namespace hub
