#include "cli/client_line.hpp"

#include "messages/mirrored_headers.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/envelope.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>

namespace hub::cli {

namespace {

constexpr std::string_view version_key = "io.modelcontextprotocol/protocolVersion";

/// Whether asking twice is as good as asking once.
bool is_repeatable(std::string_view method) {
  return method == "ping" || method == "initialize" || method == "server/discover"
         || method.ends_with("/list") || method.ends_with("/get") || method.ends_with("/read")
         || method.ends_with("subscribe") || method == "completion/complete"
         || method == "logging/setLevel" || method == "subscriptions/listen";
}

/// An argument as text: a string without its quotes, anything else as it is written.
std::string plain(std::string_view value) {
  return rpc::unquote(value).value_or(std::string{value});
}

} // namespace

client_line line_translator::read(std::string text) const {
  client_line result;
  if (auto start = text.find_first_not_of(" \t"); start != std::string::npos && text[start] == '[') {
    result.text = std::move(text);
    return result;
  }
  auto scanned = rpc::scan_client_message(json_text{text});
  if (auto* bad = std::get_if<rpc::bad_message>(&scanned)) {
    result.what = client_line::kind::broken;
    auto id = bad->id.empty() ? std::string_view{"null"} : bad->id.view();
    result.text = rpc::make_error(id, rpc::error_object(bad->code, bad->message)).to_string();
    return result;
  }
  auto& message = std::get<rpc::envelope>(scanned);
  result.text = std::move(text);
  result.id = message.id.view();
  result.method = message.method;
  auto params = message.params.view();
  if (message.method == "notifications/cancelled")
    result.taken_back = rpc::member(params, "requestId");
  if (message.kind != rpc::message_kind::request)
    return result;
  result.what = client_line::kind::request;
  result.repeatable = is_repeatable(message.method);
  auto version = rpc::unquote(rpc::member(rpc::member(params, "_meta"), version_key));
  if (!version)
    return result;
  result.stateless = true;
  result.headers = {{"MCP-Protocol-Version", *version}, {"Mcp-Method", message.method}};
  auto key = mirrored_member(message.method);
  auto name = rpc::unquote(rpc::member(params, key)).value_or("");
  if (!key.empty())
    result.headers.emplace_back("Mcp-Name", encode_header_value(name));
  if (auto tool = tools_.find(name); message.method == "tools/call" && tool != tools_.end())
    for (auto& x : tool->second.list)
      if (auto value = rpc::argument_at(rpc::member(params, "arguments"), x.path); !value.empty())
        result.headers.emplace_back("Mcp-Param-" + x.header, encode_header_value(plain(value)));
  return result;
}

void line_translator::note_tools(std::string_view answer) {
  if (answer.find("x-mcp-header") == std::string_view::npos)
    return;
  rpc::for_each_element(rpc::member(rpc::member(answer, "result"), "tools"), [&](std::string_view tool) {
    auto name = rpc::unquote(rpc::member(tool, "name"));
    auto headers = rpc::read_header_parameters(rpc::member(tool, "inputSchema"));
    if (name && !headers.fault && !headers.list.empty() && tools_.size() < tools_limit)
      tools_.insert_or_assign(*name, std::move(headers));
    return true;
  });
}

} // namespace hub::cli
