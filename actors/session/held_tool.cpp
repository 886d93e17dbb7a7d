#include "actors/session/held_tool.hpp"

#include "messages/rpc/json_scan.hpp"

namespace hub {

std::optional<rpc_answer> refuse_held(const catalog_snapshot& snapshot, const forward& call) {
  if (!snapshot.is_gated(call.server))
    return std::nullopt;
  auto tool = rpc::unquote(rpc::member(call.params.view(), "name")).value_or("");
  if (snapshot.may_call(call.server, tool))
    return std::nullopt;
  auto text = "The tool " + tool + " of server " + call.server
              + " is held: its server has changed or added it since its tools were approved. Look at it with: slm-hub changes "
              + call.server + ", and approve it with: slm-hub approve " + call.server + ' ' + tool;
  return call.tell_as_tool_result ? tool_error(text) : error_of(invalid_params, text);
}

} // namespace hub
