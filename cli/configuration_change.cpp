#include "cli/configuration_change.hpp"

#include "cli/exit_code.hpp"
#include "cli/hub_client.hpp"
#include "cli/json_fields.hpp"
#include "messages/rpc/json_scan.hpp"
#include "service/config/config_file.hpp"
#include "service/config/config_parser.hpp"
#include "service/config/stored_file.hpp"

#include <ostream>
#include <vector>

namespace hub::cli {

namespace {

constexpr auto reload_limit = std::chrono::seconds{10};

std::vector<std::string> texts(std::string_view answer, std::string_view key) {
  std::vector<std::string> result;
  rpc::for_each_element(rpc::member(answer, key), [&](std::string_view x) {
    if (auto text = rpc::unquote(x))
      result.push_back(printable_line(*text));
    return true;
  });
  return result;
}

void print_list(console& io, const char* what, const std::vector<std::string>& names) {
  for (auto& name : names)
    io.out << "  " << what << ' ' << name << '\n';
}

} // namespace

reload_answer reload_if_running(const command_context& context) {
  hub_request request;
  request.method = "POST";
  request.target = "/api/reload";
  request.time_limit = reload_limit;
  auto hub = context.hub();
  std::error_code ignored;
  if (!std::filesystem::exists(hub.socket(), ignored))
    return std::nullopt;
  try {
    hub.ask("GET", "/api/health");
  } catch (const command_error&) {
    // A socket that a killed hub has left.
    return std::nullopt;
  }
  auto answer = hub.send(request);
  if (answer.status != 200 && answer.status != 409)
    refuse(answer);
  return answer.body;
}

void print_reload(console& io, const std::string& answer) {
  if (!flag_field(answer, "ok")) {
    std::string message = "the hub does not take the configuration, and goes on with the one it has:";
    for (auto& error : texts(answer, "errors"))
      message += "\n  " + error;
    throw command_error{message};
  }
  for (auto& warning : texts(answer, "warnings"))
    io.err << "warning: " << warning << '\n';
  auto added = texts(answer, "added");
  auto changed = texts(answer, "changed");
  auto removed = texts(answer, "removed");
  io.out << "The hub has read its configuration"
         << (added.empty() && changed.empty() && removed.empty() ? "; no server has changed.\n" : ":\n");
  print_list(io, "added  ", added);
  print_list(io, "changed", changed);
  print_list(io, "removed", removed);
  for (auto& setting : texts(answer, "at_next_start"))
    io.out << setting << " counts from the next start on: slm-hub restart\n";
}

std::string present_configuration(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    return default_config_text();
  auto stored = read_stored(file);
  if (!stored)
    fail(stored.errors());
  return std::move(stored->text);
}

reload_answer change_configuration(const command_context& context,
                                   const std::function<config_result<std::string>(const std::string&)>& edit) {
  auto file = context.config_file();
  auto text = present_configuration(file);
  auto changed = edit(text);
  if (!changed)
    fail(changed.errors());
  auto parsed = parse_config(*changed, file.string());
  if (!parsed)
    fail(parsed.errors());
  if (*changed != text)
    if (auto wrong = write_stored(file, *changed))
      fail({*wrong});
  return reload_if_running(context);
}

} // namespace hub::cli
