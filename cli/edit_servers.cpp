#include "cli/commands.hpp"
#include "cli/configuration_change.hpp"
#include "service/config/config_value.hpp"
#include "service/config/server_edit.hpp"
#include "service/config/server_entry.hpp"
#include "service/config/server_insertion.hpp"

#include <ostream>
#include <utility>

namespace hub::cli {

namespace {

/// Members of an object from `NAME=value` or `NAME: value`.
config_value members_of(const std::vector<std::string>& words, char separator, const char* option, const char* example) {
  auto result = config_value::of_kind(config_value::kind::object);
  for (auto& word : words) {
    auto at = word.find(separator);
    if (at == std::string::npos || at == 0)
      throw command_error{std::string{option} + " " + word + " is not like " + example, exit_code::usage};
    auto value = word.substr(at + 1);
    if (separator == ':')
      value.erase(0, value.find_first_not_of(' '));
    result.set(word.substr(0, at), config_value::of_string(std::move(value)));
  }
  return result;
}

config_value array_of(std::vector<std::string>::const_iterator from, std::vector<std::string>::const_iterator to) {
  auto result = config_value::of_kind(config_value::kind::array);
  for (; from != to; ++from)
    result.items.push_back(config_value::of_string(*from));
  return result;
}

config_value entry_of(const add_options& x) {
  auto result = config_value::of_kind(config_value::kind::object);
  auto& target = x.words.front();
  if (is_http_url(target)) {
    if (x.words.size() > 1 || !x.env.empty())
      throw command_error{"a server with an address takes no arguments and no --env", exit_code::usage};
    if (!x.type.empty())
      result.set("type", config_value::of_string(x.type));
    result.set("url", config_value::of_string(target));
    if (!x.headers.empty())
      result.set("headers", members_of(x.headers, ':', "--header", "'Authorization: Bearer ${TOKEN}'"));
  } else {
    if (!x.headers.empty() || !x.type.empty())
      throw command_error{"--header and --type are for servers with an http:// or https:// address", exit_code::usage};
    result.set("command", config_value::of_string(target));
    if (x.words.size() > 1)
      result.set("args", array_of(x.words.begin() + 1, x.words.end()));
    if (!x.env.empty())
      result.set("env", members_of(x.env, '=', "--env", "NAME=value"));
  }
  return result;
}

exit_code report(const command_context& context, const reload_answer& answer, const std::string& done) {
  context.io.out << done << " in " << context.config_file().string() << ".\n";
  if (answer)
    print_reload(context.io, *answer);
  else
    context.io.out << "No hub runs; it counts from the next start on.\n";
  return exit_code::ok;
}

} // namespace

exit_code add_server(const command_context& context, const add_options& options) {
  auto entry = to_json(entry_of(options));
  auto file = context.config_file().string();
  auto answer = change_configuration(
    context, [&](const std::string& text) { return add_servers(text, file, {{options.name, entry}}); });
  return report(context, answer, "Added " + options.name);
}

exit_code remove_server(const command_context& context, const std::string& name) {
  auto file = context.config_file().string();
  auto answer
    = change_configuration(context, [&](const std::string& text) { return hub::remove_server(text, file, name); });
  return report(context, answer, "Removed " + name);
}

exit_code switch_server(const command_context& context, const std::string& name, bool on) {
  auto file = context.config_file().string();
  auto answer
    = change_configuration(context, [&](const std::string& text) { return hub::switch_server(text, file, name, on); });
  return report(context, answer, (on ? "Enabled " : "Disabled ") + name);
}

} // namespace hub::cli
