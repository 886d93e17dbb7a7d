#include "cli/tool_call.hpp"

#include "cli/exit_code.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "messages/rpc/json_scan.hpp"

namespace hub::cli {

namespace {

constexpr const char* protocol_version = "2026-07-28";

std::string request_body(const tool_call& call) {
  std::string client_info = "{";
  append_member(client_info, "name", "\"slm-hub\"");
  append_member(client_info, "title", "\"slm-hub command line\"");
  append_member(client_info, "version", rpc::quote(HUB_VERSION));
  std::string meta = "{";
  append_member(meta, "io.modelcontextprotocol/protocolVersion", rpc::quote(protocol_version));
  append_member(meta, "io.modelcontextprotocol/clientInfo", client_info + '}');
  append_member(meta, "io.modelcontextprotocol/clientCapabilities", "{}");
  // A person reads on by scrolling.
  append_member(meta, "hub/whole_result", "true");
  if (call.on_progress)
    append_member(meta, "progressToken", "1");
  std::string params = "{";
  append_member(params, "name", rpc::quote(call.name));
  append_member(params, "arguments", call.arguments);
  append_member(params, "_meta", meta + '}');
  std::string body = "{";
  append_member(body, "jsonrpc", "\"2.0\"");
  append_member(body, "id", "1");
  append_member(body, "method", "\"tools/call\"");
  append_member(body, "params", params + '}');
  return body + '}';
}

/// The result in an answer of JSON-RPC.
std::string result_of(std::string_view answer, unsigned status) {
  auto result = rpc::member(answer, "result");
  if (!result.empty())
    return std::string{result};
  auto error = rpc::member(answer, "error");
  if (error.empty())
    throw command_error{"the hub gave no answer to the call (HTTP status " + std::to_string(status)
                        + "); see slm-hub status"};
  // Outside of MCP an error is a text and not an object.
  if (rpc::unquote(error))
    refuse({status, std::string{answer}});
  auto message = text_field(error, "message");
  auto fix = text_field(rpc::member(error, "data"), "fix");
  if (!fix.empty() && message.find(fix) == std::string::npos)
    message += "; " + fix;
  throw command_error{message};
}

progress_report read_progress(std::string_view params) {
  return {number_field(params, "progress"), number_field(params, "total"), text_field(params, "message")};
}

/// What stands for a part of the content that cannot be shown as text.
std::string described(std::string_view part) {
  auto type = text_field(part, "type");
  if (type == "resource_link")
    return "[resource " + text_field(part, "uri") + "]";
  auto resource = rpc::member(part, "resource");
  if (type == "resource")
    return "[resource " + text_field(resource, "uri") + "]";
  // Base64 takes four bytes for three.
  auto bytes = text_field(part, "data").size() / 4 * 3;
  return "[" + type + " " + text_field(part, "mimeType") + ", " + bytes_text(bytes) + "]";
}

} // namespace

std::string call_tool(hub_client& hub, const tool_call& call) {
  hub_request request;
  request.method = "POST";
  request.target = "/mcp";
  request.time_limit = call.time_limit;
  request.headers = {{"Accept", "application/json, text/event-stream"},
                     {"MCP-Protocol-Version", protocol_version},
                     {"Mcp-Method", "tools/call"},
                     {"Mcp-Name", call.name}};
  request.body = request_body(call);
  std::string last_event;
  auto answer = hub.send(request, [&](std::string_view event) {
    if (text_field(event, "method") == "notifications/progress" && call.on_progress)
      call.on_progress(read_progress(rpc::member(event, "params")));
    else if (rpc::member(event, "method").empty())
      last_event = event;
  });
  return result_of(last_event.empty() ? answer.body : last_event, answer.status);
}

bool is_failure(std::string_view result) {
  return flag_field(result, "isError");
}

std::string readable_content(std::string_view result) {
  std::string text;
  for (auto part : list_field(result, "content")) {
    auto resource = rpc::member(part, "resource");
    auto inner = rpc::unquote(rpc::member(resource.empty() ? part : resource, "text"));
    if (!text.empty() && text.back() != '\n')
      text += '\n';
    text += inner ? *inner : described(part);
  }
  if (text.empty())
    text = rpc::member(result, "structuredContent");
  return text;
}

} // namespace hub::cli
