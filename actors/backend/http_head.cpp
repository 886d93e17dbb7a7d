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

namespace {

/// A trace as middle men of HTTP read it, who do not look into messages. What is no header is in `_meta` only.
void add_trace(const trace_context& x, std::vector<std::pair<std::string, std::string>>& to) {
  to.emplace_back("traceparent", traceparent_of(x));
  if (!x.state.empty() && is_header_text(x.state))
    to.emplace_back("tracestate", x.state);
  if (!x.baggage.empty() && is_header_text(x.baggage))
    to.emplace_back("baggage", x.baggage);
}

} // namespace

std::shared_ptr<const http_hints> hints_for(std::string_view version, bool stateless,
                                            std::string_view method, std::string_view params,
                                            const tool_header_map& tools, const trace_context* trace) {
  auto result = std::make_shared<http_hints>();
  if (trace)
    add_trace(*trace, result->trace);
  result->version = version;
  result->stateless = stateless;
  result->method = method;
  // The handshake era names nothing in its heads.
  if (!stateless)
    return result;
  if (auto key = mirrored_member(method); !key.empty())
    result->name = rpc::unquote(rpc::member(params, key)).value_or("");
  if (method != "tools/call")
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
