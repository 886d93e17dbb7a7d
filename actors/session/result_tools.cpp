#include "actors/session/result_tools.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace hub {

namespace {

/// The most that one call reads, in bytes.
constexpr int64_t longest_piece = 1 << 20;

constexpr size_t longest_search = 1000;

/// A member that is a number of bytes; `otherwise` if it is missing, nothing if it is wrong.
std::optional<size_t> bytes_in(std::string_view arguments, std::string_view key, size_t otherwise) {
  auto text = rpc::member(arguments, key);
  if (text.empty() || text == "null")
    return otherwise;
  // Some models write numbers as texts.
  auto value = rpc::to_integer(text.starts_with('"') ? rpc::unquote(text).value_or("") : std::string{text});
  return value && *value >= 0 ? std::optional{static_cast<size_t>(*value)} : std::nullopt;
}

constexpr std::string_view entry
  = R"({"name":"hub__read_result","title":"Read a large result","description":"Reads on in a result that was cut because of its size, or finds text in it.","inputSchema":{"type":"object","properties":{)"
    R"("result":{"type":"string","description":"The token that stands in the result"},)"
    R"("offset":{"type":"integer","minimum":0,"description":"Where to begin, in bytes"},)"
    R"("length":{"type":"integer","minimum":1,"maximum":1048576,"description":"How many bytes"},)"
    R"("search":{"type":"string","description":"Lines with this text are shown instead"}},"required":["result"]},"annotations":{"readOnlyHint":true,"openWorldHint":false}})";

} // namespace

route read_read_result(std::string_view arguments, size_t piece) {
  read_result wish;
  wish.token = rpc::unquote(rpc::member(arguments, "result")).value_or("");
  if (wish.token.empty())
    return tool_error("\"result\" is missing. Give the token that stands in the result that was cut.");
  auto offset = bytes_in(arguments, "offset", 0);
  auto length = bytes_in(arguments, "length", piece);
  if (!offset || !length || *length == 0)
    return tool_error("\"offset\" and \"length\" are whole numbers of bytes, and \"length\" is at least 1.");
  wish.offset = *offset;
  wish.length = std::min(*length, static_cast<size_t>(longest_piece));
  wish.search = rpc::unquote(rpc::member(arguments, "search")).value_or("");
  if (wish.search.size() > longest_search)
    return tool_error("\"search\" has more than 1000 bytes. Search for less.");
  return wish;
}

rpc_answer with_read_result(rpc_answer answer) {
  constexpr std::string_view begin = R"({"tools":[)";
  auto text = answer.body.view();
  if (answer.kind != answer_kind::result || !text.starts_with(begin))
    return answer;
  auto rest = text.substr(begin.size());
  std::string all;
  all.reserve(text.size() + entry.size() + 1);
  all.append(begin).append(entry).append(rest.starts_with(']') ? "" : ",").append(rest);
  answer.body = json_text{std::move(all)};
  return answer;
}

} // namespace hub
