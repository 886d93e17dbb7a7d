#include "cli/server_row.hpp"

#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <ostream>

namespace hub::cli {

std::string run_text(std::string_view server) {
  auto session = integer_field(server, "session");
  if (session == 0)
    return text_field(server, "name");
  return text_field(server, "name") + " (" + text_field(server, "isolation") + ' ' + std::to_string(session) + ")";
}

std::string state_text(std::string_view server) {
  auto state = text_field(server, "state");
  std::replace(state.begin(), state.end(), '_', ' ');
  return state;
}

style style_of_state(std::string_view state) {
  if (state == "ready")
    return style::good;
  if (state == "failed")
    return style::bad;
  if (state == "queued" || state == "starting" || state == "stopping" || state == "backing off")
    return style::warning;
  return style::dim;
}

std::string dash_if_zero(const std::string& text, double number) {
  return number == 0 ? "-" : text;
}

std::string next_try_text(std::string_view server) {
  auto wait = integer_field(server, "next_try_ms");
  return wait <= 0 ? "" : "in " + seconds_text((wait + 999) / 1000);
}

void print_trouble(console& io, std::string_view server) {
  auto error = text_field(server, "last_error");
  if (error.empty())
    return;
  auto next_try = next_try_text(server);
  io.out << '\n' << io.paint(style::bold, printable_line(text_field(server, "name"))) << ": "
         << io.paint(style::bad, printable_line(error)) << (next_try.empty() ? "" : " (next try " + next_try + ")") << '\n';
  auto fix = text_field(server, "fix");
  if (!fix.empty())
    io.out << "  fix: " << printable_line(fix) << '\n';
  for (auto line : list_field(server, "last_stderr"))
    io.out << "  " << io.paint(style::dim, "| " + printable_line(rpc::unquote(line).value_or(""))) << '\n';
}

std::string count_text(std::string_view server, const char* key) {
  auto known = integer_field(server, "tools") >= 0;
  return known ? std::to_string(integer_field(server, key)) : "?";
}

} // namespace hub::cli
