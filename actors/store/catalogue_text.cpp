#include "actors/store/catalogue_text.hpp"

#include "messages/rpc/json_scan.hpp"

#include <utility>

namespace hub {

namespace {

void add_list(std::string& text, std::string_view key, const std::vector<json_text>& items) {
  text += ",\"";
  text += key;
  text += "\":[";
  auto first = true;
  for (auto& item : items) {
    if (!std::exchange(first, false))
      text += ',';
    text += item.view();
  }
  text += ']';
}

void add_value(std::string& text, std::string_view key, const json_text& value) {
  if (value.empty())
    return;
  text += ",\"";
  text += key;
  text += "\":";
  text += value.view();
}

} // namespace

std::string write_catalogue(const server_catalogue& x) {
  auto text = R"({"server":)" + rpc::quote(x.server) + R"(,"fingerprint":)" + rpc::quote(x.fingerprint)
              + R"(,"stateless":)" + (x.stateless ? "true" : "false") + R"(,"protocolVersion":)"
              + rpc::quote(x.protocol_version) + R"(,"learnedAt":)" + std::to_string(x.learned_at);
  add_value(text, "serverInfo", x.server_info);
  add_value(text, "capabilities", x.capabilities);
  add_value(text, "instructions", x.instructions);
  add_list(text, "tools", x.tools);
  add_list(text, "resources", x.resources);
  add_list(text, "resourceTemplates", x.templates);
  add_list(text, "prompts", x.prompts);
  return text + '}';
}

std::optional<server_catalogue> read_catalogue(const json_text& text) {
  server_catalogue result;
  auto list = [&text](std::vector<json_text>& to, std::string_view from) {
    return rpc::for_each_element(from, [&](std::string_view item) {
      to.push_back(text.slice(item));
      return true;
    });
  };
  auto sound = true;
  auto complete = rpc::for_each_member(text.view(), [&](const rpc::json_member& x) {
    if (x.key == "server")
      result.server = rpc::unquote(x.value).value_or("");
    else if (x.key == "fingerprint")
      result.fingerprint = rpc::unquote(x.value).value_or("");
    else if (x.key == "stateless")
      result.stateless = x.value == "true";
    else if (x.key == "protocolVersion")
      result.protocol_version = rpc::unquote(x.value).value_or("");
    else if (x.key == "learnedAt")
      result.learned_at = rpc::to_integer(x.value).value_or(0);
    else if (x.key == "serverInfo")
      result.server_info = text.slice(x.value);
    else if (x.key == "capabilities")
      result.capabilities = text.slice(x.value);
    else if (x.key == "instructions")
      result.instructions = text.slice(x.value);
    else if (x.key == "tools")
      sound = sound && list(result.tools, x.value);
    else if (x.key == "resources")
      sound = sound && list(result.resources, x.value);
    else if (x.key == "resourceTemplates")
      sound = sound && list(result.templates, x.value);
    else if (x.key == "prompts")
      sound = sound && list(result.prompts, x.value);
    return true;
  });
  if (!complete || !sound || result.server.empty() || result.fingerprint.empty())
    return std::nullopt;
  return result;
}

} // namespace hub
