#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/table.hpp"
#include "messages/rpc/json_scan.hpp"

#include <ostream>
#include <string>
#include <string_view>

namespace hub::cli {

namespace {

/// How many habits and tools of one people are shown.
constexpr size_t most_habits = 30;
constexpr size_t most_tools = 3;

std::string context_text(std::string_view habit) {
  auto of = text_field(habit, "of");
  auto what = text_field(habit, "after");
  if (what == "word")
    return "a search with \"" + of + '"';
  if (what == "next")
    return "after " + of;
  if (what == "client")
    return "client " + of;
  return "all calls";
}

std::string tools_text(std::string_view habit) {
  std::string result;
  auto tools = list_field(habit, "tools");
  for (size_t i = 0; i < tools.size() && i < most_tools; ++i) {
    // The weight as it stands there, with its two digits.
    auto weight = rpc::member(tools[i], "weight");
    result += (i ? ", " : "") + text_field(tools[i], "server") + '/' + text_field(tools[i], "tool") + " ("
              + std::string{weight} + ')';
  }
  if (tools.size() > most_tools)
    result += " and " + std::to_string(tools.size() - most_tools) + " more";
  return result;
}

} // namespace

exit_code learn_show(const command_context& context, bool json) {
  auto& io = context.io;
  auto answer = context.hub().ask("GET", "/api/learn");
  if (json) {
    io.out << answer << '\n';
    return exit_code::ok;
  }
  io.out << "Learning is " << text_field(answer, "learning") << ". Searches: " << integer_field(answer, "searches")
         << ", calls: " << integer_field(answer, "calls") << ", of these after a search that had shown the tool: "
         << integer_field(answer, "led") << '\n';
  for (auto folder : list_field(answer, "projects")) {
    auto kind = text_field(folder, "kind");
    io.out << "  " << printable_line(text_field(folder, "folder")) << ": " << (kind.empty() ? "no kind that is known" : kind) << '\n';
  }
  table rows{{{"WHEN"}, {"PROJECT"}, {"CALLED"}}};
  auto habits = list_field(answer, "habits");
  for (size_t i = 0; i < habits.size() && i < most_habits; ++i) {
    auto project = text_field(habits[i], "project");
    rows.add({context_text(habits[i]), project.empty() ? "any" : project, tools_text(habits[i])});
  }
  if (rows.empty())
    return exit_code::ok;
  io.out << '\n';
  rows.print(io);
  auto all = integer_field(answer, "contexts");
  if (all > static_cast<int64_t>(most_habits))
    io.out << io.paint(style::dim, std::to_string(most_habits) + " of " + std::to_string(all) + "; more with --json") << '\n';
  return exit_code::ok;
}

exit_code learn_reset(const command_context& context) {
  auto answer = context.hub().ask("POST", "/api/learn/reset");
  context.io.out << "Forgot " << counted(integer_field(answer, "forgotten"), "habit") << '\n';
  return exit_code::ok;
}

} // namespace hub::cli
