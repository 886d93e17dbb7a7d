#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/line_difference.hpp"
#include "messages/rpc/json_scan.hpp"

#include <rapidjson/document.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <cstddef>
#include <ostream>
#include <string>

namespace hub::cli {

namespace {

/// Lines around a change that are shown with it.
constexpr size_t context_lines = 2;

/// A JSON text over several lines, in which all but ASCII is written by number: what
/// hides in a definition must not hide here.
std::string pretty(std::string_view json) {
  rapidjson::Document document;
  if (rpc::check_json(json)
      || document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag>(json.data(), json.size())
           .HasParseError())
    return std::string{json};
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer, rapidjson::UTF8<>, rapidjson::ASCII<>> out{buffer};
  out.SetIndent(' ', 2);
  document.Accept(out);
  return {buffer.GetString(), buffer.GetSize()};
}

void print_difference(console& io, std::string_view pinned, std::string_view current) {
  auto before = pretty(pinned);
  auto after = pretty(current);
  auto lines = line_difference(before, after);
  auto near_change = [&](size_t place) {
    auto first = place > context_lines ? place - context_lines : 0;
    for (auto i = first; i < lines.size() && i <= place + context_lines; ++i)
      if (lines[i].side != ' ')
        return true;
    return false;
  };
  auto left_out = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!near_change(i)) {
      left_out = true;
      continue;
    }
    if (left_out)
      io.out << io.paint(style::dim, "      ...") << '\n';
    left_out = false;
    auto look = lines[i].side == '-' ? style::bad : lines[i].side == '+' ? style::good : style::plain;
    // `printable_line` would also take the indentation.
    auto text = lines[i].text;
    auto indent = std::min(text.find_first_not_of(' '), text.size());
    io.out << io.paint(look, "    " + std::string(1, lines[i].side) + ' ' + std::string(indent, ' ')
                               + printable_line(text.substr(indent)))
           << '\n';
  }
}

void print_tool(console& io, const std::string& server, std::string_view tool) {
  auto state = text_field(tool, "state");
  auto what = state == "changed" ? "changed since it was approved" : state == "new" ? "new" : "as it was pinned";
  io.out << io.paint(style::bold, printable_line(server + " " + text_field(tool, "tool"))) << ": " << what;
  if (flag_field(tool, "held"))
    io.out << io.paint(style::warning, ", held");
  io.out << '\n';
  for (auto why : list_field(tool, "suspicions"))
    io.out << "    " << io.paint(style::bad, "suspicious: " + printable_line(rpc::unquote(why).value_or(""))) << '\n';
  auto current = rpc::member(tool, "current");
  if (state == "changed")
    print_difference(io, rpc::member(tool, "pinned"), current);
  else if (state == "new")
    print_difference(io, "", current);
}

} // namespace

exit_code changes(const command_context& context, const list_options& options) {
  auto& io = context.io;
  auto answer = context.hub().ask("GET", path_about("/api/changes", options.server));
  if (options.json) {
    io.out << answer << '\n';
    return exit_code::ok;
  }
  auto servers = list_field(answer, "servers");
  auto pending = false;
  for (auto server : servers)
    for (auto tool : list_field(server, "tools")) {
      print_tool(io, text_field(server, "server"), tool);
      pending |= text_field(tool, "state") != "same";
    }
  if (servers.empty())
    io.out << "No tool has changed, and none looks suspicious.\n";
  else if (pending)
    io.out << "\nTake what has changed with: slm-hub approve SERVER [TOOL]\n";
  return exit_code::ok;
}

void print_reviews(console& io, std::string_view answer) {
  for (auto server : list_field(answer, "tool_changes")) {
    std::string text;
    auto add = [&](const char* key) {
      if (auto count = integer_field(server, key); count > 0)
        text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + key;
    };
    for (auto* key : {"changed", "new", "held", "suspicious"})
      add(key);
    auto name = printable_line(text_field(server, "server"));
    io.out << io.paint(style::warning, "tools of " + name + ": " + text) << "; see slm-hub changes " << name << '\n';
  }
}

} // namespace hub::cli
