#include "actors/backend/http_head.hpp"

#include "messages/mirrored_headers.hpp"
#include "messages/rpc/json_scan.hpp"

#include <utility>

namespace hub {

tool_header_map take_tool_headers(std::vector<json_text>& tools, std::vector<std::string>& remarks) {
  tool_header_map result;
  std::erase_if(tools, [&](const json_text& tool) {
    auto read = rpc::read_header_parameters(rpc::member(tool.view(), "inputSchema"));
    auto name = rpc::unquote(rpc::member(tool.view(), "name")).value_or("");
    if (read.fault) {
      remarks.push_back("has the tool " + name + ", which is left out: " + *read.fault);
      return true;
    }
    if (!read.list.empty())
      result.emplace(std::move(name), std::move(read.list));
    return false;
  });
  return result;
}

std::shared_ptr<const http_hints> hints_for(std::string_view version, bool stateless,
                                            std::string_view method, std::string_view params,
                                            const tool_header_map& tools) {
  auto result = std::make_shared<http_hints>();
  result->version = version;
  result->stateless = stateless;
  result->method = method;
  if (auto key = mirrored_member(method); !key.empty())
    result->name = rpc::unquote(rpc::member(params, key)).value_or("");
  if (!stateless || method != "tools/call")
    return result;
  if (auto i = tools.find(result->name); i != tools.end()) {
    auto arguments = rpc::member(params, "arguments");
    for (auto& x : i->second)
      if (auto value = rpc::argument_at(arguments, x.path); !value.empty())
        result->params.emplace_back(x.header, value);
  }
  return result;
}

} // namespace hub
