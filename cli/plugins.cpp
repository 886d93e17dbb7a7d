#include "cli/commands.hpp"
#include "cli/configuration_change.hpp"
#include "cli/json_fields.hpp"
#include "cli/log_file.hpp"
#include "cli/quantity.hpp"
#include "cli/table.hpp"
#include "messages/rpc/json_scan.hpp"
#include "service/config/json_reader.hpp"
#include "service/config/log_paths.hpp"
#include "service/config/plugin_entries.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>

namespace hub::cli {

namespace {

style style_of_plugin(const std::string& state) {
  if (state == "ready")
    return style::good;
  if (state == "failed")
    return style::bad;
  return state == "backing off" ? style::warning : style::dim;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string result;
  for (auto x : words)
    result += (result.empty() ? "" : " ") + rpc::unquote(x).value_or("");
  return result;
}

command_error no_plugin(const std::string& name) {
  return command_error{"there is no plugin named " + printable_line(name) + "; `slm-hub plugins list` shows them"};
}

/// Whether there is such a plugin: one of the hub's own, one that the configuration names, or a
/// program in `folder`.
bool is_known(const std::string& name, const std::string& configuration, const std::filesystem::path& folder) {
  if (name == "slm" || name == "mesh")
    return true;
  auto root = read_json(configuration, "");
  if (auto* plugins = root ? root->find("plugins") : nullptr; plugins && plugins->find(name))
    return true;
  std::error_code wrong;
  for (std::filesystem::directory_iterator i{folder, wrong}, end; !wrong && i != end; i.increment(wrong))
    if (i->path().stem() == name)
      return true;
  return false;
}

/// The plugin of this name in what the hub tells; empty if it has none.
std::string_view find_plugin(std::string_view answer, const std::string& name) {
  for (auto x : list_field(answer, "plugins"))
    if (text_field(x, "name") == name)
      return x;
  return {};
}

/// What was called `denied/asked`, where a plugin is asked before calls.
std::string verdicts_text(std::string_view plugin) {
  auto verdicts = rpc::member(plugin, "verdicts");
  auto denied = integer_field(verdicts, "denied");
  auto unanswered = integer_field(verdicts, "unanswered");
  auto asked = integer_field(verdicts, "passed") + denied + unanswered;
  auto hooks = list_field(plugin, "hooks");
  if (asked == 0 && std::ranges::find(hooks, "\"before_call\"") == hooks.end())
    return "-";
  return std::to_string(denied) + " of " + std::to_string(asked)
         + (unanswered > 0 ? ", " + std::to_string(unanswered) + " unanswered" : "");
}

} // namespace

exit_code plugins_list(const command_context& context, bool json) {
  auto& io = context.io;
  auto answer = context.hub().ask("GET", "/api/plugins");
  if (json) {
    io.out << answer << '\n';
    return exit_code::ok;
  }
  using align = table::align;
  table rows{{{"PLUGIN"}, {"VERSION"}, {"STATE"}, {"TOLD", align::right}, {"DROPPED", align::right}, {"DENIED"}, {"HOOKS"}}};
  auto plugins = list_field(answer, "plugins");
  for (auto x : plugins) {
    auto state = text_field(x, "state");
    auto dropped = integer_field(x, "dropped");
    auto version = text_field(x, "version");
    auto says = text_field(x, "says");
    rows.add({text_field(x, "name"), version.empty() ? "-" : version,
              {state + (says.empty() ? "" : ", " + says), style_of_plugin(state)}, std::to_string(integer_field(x, "told")),
              {std::to_string(dropped), dropped > 0 ? style::warning : style::plain}, verdicts_text(x),
              joined(list_field(x, "hooks"))});
  }
  if (rows.empty()) {
    io.out << "There are no plugins. Put an executable into " << printable_line(text_field(answer, "folder"))
           << ", then: slm-hub reload\n";
    return exit_code::ok;
  }
  rows.print(io);
  for (auto x : plugins)
    if (auto error = text_field(x, "error"); !error.empty())
      io.out << '\n' << io.paint(style::bold, printable_line(text_field(x, "name"))) << ' ' << printable_line(error) << ". "
             << printable_line(text_field(x, "fix")) << '\n';
  return exit_code::ok;
}

exit_code switch_plugin(const command_context& context, const std::string& name, bool on) {
  auto& io = context.io;
  auto file = context.config_file();
  auto answer = change_configuration(context, [&](const std::string& text) {
    if (!is_known(name, text, context.folder() / "plugins"))
      throw no_plugin(name);
    return hub::switch_plugin(text, file.string(), name, on);
  });
  io.out << (on ? "Enabled" : "Disabled") << " plugin " << printable_line(name) << " in " << file.string() << ".\n";
  if (!answer) {
    io.out << "No hub runs; it counts from the next start on.\n";
    return exit_code::ok;
  }
  print_reload(io, *answer);
  auto told = context.hub().ask("GET", "/api/plugins");
  if (auto plugin = find_plugin(told, name); on && !text_field(plugin, "error").empty())
    io.out << printable_line(name) << ' ' << printable_line(text_field(plugin, "error")) << ". "
           << printable_line(text_field(plugin, "fix")) << '\n';
  return exit_code::ok;
}

exit_code plugin_logs(const command_context& context, const logs_options& options) {
  auto& io = context.io;
  std::filesystem::path path;
  try {
    auto answer = context.hub().ask("GET", "/api/plugins");
    auto plugin = find_plugin(answer, options.server);
    if (plugin.empty())
      throw no_plugin(options.server);
    path = text_field(plugin, "log");
    if (path.empty())
      throw command_error{"plugin " + printable_line(options.server)
                          + " has no log of its own; only programs have one. What others say is in the log of the hub"};
  } catch (const hub_away&) {
    path = plugin_log(context.folder(), options.server);
    if (std::error_code ignored; !std::filesystem::exists(path, ignored))
      throw;
    io.err << "slm-hub is not running; this is what is in " << path.string() << '\n';
  }
  print_log(io, path, options.lines, options.follow);
  return exit_code::ok;
}

} // namespace hub::cli
