#include "actors/call/tool_result.hpp"

#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

namespace hub {

namespace {

/// `MCP github error: [-32602] Unknown tool`, and the data if there is any.
std::string describe_error(std::string_view server, std::string_view error) {
  auto text = "MCP " + std::string{server} + " error: [" + std::string{rpc::member(error, "code")}
              + "] " + rpc::unquote(rpc::member(error, "message")).value_or("(no message)");
  if (auto data = rpc::member(error, "data"); !data.empty())
    text += " " + std::string{data};
  return text;
}

} // namespace

rpc_answer as_tool_result(std::string_view server, rpc_answer answer) {
  std::string text;
  if (answer.kind == answer_kind::error)
    text = describe_error(server, answer.body.view());
  else if (answer.kind == answer_kind::failure)
    text = answer.why->cause + ". " + answer.why->fix;
  else
    return answer;
  rpc_answer result;
  result.body = json_text{R"({"content":[{"type":"text","text":)" + rpc::quote(text)
                          + R"(}],"isError":true})"};
  return result;
}

json_text with_meta(const json_text& result, std::string_view key, std::string_view value) {
  auto before = rpc::member(result.view(), "_meta");
  auto meta = rpc::edit_members(before.starts_with('{') ? result.slice(before) : json_text{}, {{key, value}});
  return rpc::edit_members(result, {{"_meta", meta.view()}});
}

} // namespace hub
