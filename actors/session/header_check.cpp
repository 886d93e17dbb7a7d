#include "actors/session/header_check.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace hub {

namespace {

using header_list = std::vector<std::pair<std::string, std::string>>;

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::optional<double> to_number(std::string_view text) {
  double result = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return result;
}

/// Whether a header says what the argument `value` says, which is JSON.
bool agrees(std::string_view header, std::string_view value) {
  if (value.front() == '"')
    return rpc::unquote(value) == header;
  if (value == "true" || value == "false")
    return header == value;
  auto said = to_number(header);
  return said && said == to_number(value);
}

} // namespace

std::optional<std::string> find_header_mismatch(const catalog_snapshot& snapshot,
                                                const forward& call,
                                                const client_request& request) {
  auto params = call.params.view();
  auto name = rpc::unquote(rpc::member(params, "name"));
  auto* wanted = snapshot.headers_of(call.server, name.value_or(""));
  if (!wanted)
    return std::nullopt;
  static const header_list none;
  auto& sent = request.param_headers ? *request.param_headers : none;
  auto arguments = rpc::member(params, "arguments");
  for (auto& x : wanted->list) {
    auto value = rpc::argument_at(arguments, x.path);
    auto full = "Mcp-Param-" + x.header;
    auto found = false;
    for (auto& [header, text] : sent) {
      if (!same_name(header, x.header))
        continue;
      found = true;
      if (value.empty())
        return "Header mismatch: the header " + full
               + " is there and its argument is not; leave it out";
      if (!agrees(text, value))
        return "Header mismatch: the header " + full + " says '" + text
               + "' and the argument says " + std::string{value} + "; send the same in both";
    }
    if (!found && !value.empty())
      return "Header mismatch: the header " + full
             + " is missing; the tool's inputSchema wants its argument repeated there";
  }
  return std::nullopt;
}

} // namespace hub
