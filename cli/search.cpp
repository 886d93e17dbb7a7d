#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/tool_call.hpp"
#include "messages/rpc/json_scan.hpp"

#include <ostream>

namespace hub::cli {

namespace {

/// The search is answered from memory.
constexpr auto search_limit = std::chrono::seconds{5};

std::string search_arguments(const search_options& options) {
  std::string query;
  for (auto& word : options.words)
    query.append(query.empty() ? "" : " ").append(word);
  std::string result = "{";
  append_member(result, "query", rpc::quote(query));
  if (options.limit > 0)
    append_member(result, "limit", std::to_string(options.limit));
  if (!options.server.empty())
    append_member(result, "server", rpc::quote(options.server));
  // People read signatures; programs want what a model gets.
  if (!options.json)
    append_member(result, "detail", "\"signature\"");
  return result + '}';
}

void print_found(console& io, std::string_view reply) {
  auto found = list_field(reply, "tools");
  if (found.empty())
    io.out << "Nothing found. " << printable_line(text_field(reply, "hint")) << '\n';
  for (auto tool : found) {
    io.out << io.paint(style::bold, printable_line(text_field(tool, "tool"))) << '\n';
    auto text = text_field(tool, "signature");
    if (text.empty())
      text = text_field(tool, "description");
    auto line = printable_line(text);
    io.out << "  " << (io.width > 2 ? fit(line, io.width - 2) : line) << '\n';
  }
  auto total = integer_field(reply, "found");
  auto shown = static_cast<int64_t>(found.size());
  if (total > shown && shown > 0)
    io.out << io.paint(style::dim, std::to_string(shown) + " of " + counted(total, "tool") + "; more with --limit") << '\n';
}

} // namespace

exit_code search(const command_context& context, const search_options& options) {
  auto& io = context.io;
  auto hub = context.hub();
  auto result = call_tool(hub, {"hub__search_tools", search_arguments(options), search_limit, {}});
  auto reply = readable_content(result);
  if (is_failure(result))
    throw command_error{printable_text(reply)};
  if (options.json)
    io.out << reply << '\n';
  else
    print_found(io, reply);
  return exit_code::ok;
}

} // namespace hub::cli
