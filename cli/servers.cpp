#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/server_row.hpp"
#include "cli/table.hpp"
#include "messages/rpc/json_scan.hpp"

#include <ostream>

namespace hub::cli {

namespace {

/// `ready for 3 min, because a call needs it`, what comes next, and what went wrong.
void print_life(console& io, std::string_view server) {
  auto line = [&](const char* name, const std::string& text) {
    if (!text.empty())
      io.out << "  " << io.paint(style::dim, name) << printable_line(text) << '\n';
  };
  auto state = state_text(server);
  auto why = text_field(server, "why");
  io.out << io.paint(style::bold, printable_line(run_text(server))) << ": " << io.paint(style_of_state(state), state)
         << " for " << seconds_text(integer_field(server, "in_state_seconds"))
         << (why.empty() || state == "disabled" ? "" : ", because " + printable_line(why)) << '\n';
  line("next        ", text_field(server, "next"));
  auto pid = integer_field(server, "pid");
  auto memory = integer_field(server, "resident_bytes");
  line("runs        ", text_field(server, "transport") + (pid > 0 ? ", pid " + std::to_string(pid) : "")
                         + (memory > 0 ? ", " + bytes_text(static_cast<uint64_t>(memory)) : "") + ", started "
                         + counted(integer_field(server, "starts"), "time") + ", ended unasked "
                         + counted(integer_field(server, "crashes"), "time"));
  line("last error  ", text_field(server, "last_error"));
  line("fix         ", text_field(server, "fix"));
  for (auto words : list_field(server, "last_stderr"))
    line("stderr      ", rpc::unquote(words).value_or(""));
}

} // namespace

exit_code servers(const command_context& context, const list_options& options) {
  auto& io = context.io;
  auto answer = context.hub().ask("GET", "/api/servers");
  if (options.json) {
    io.out << answer << '\n';
    return exit_code::ok;
  }
  if (options.verbose) {
    for (auto server : list_field(answer, "servers"))
      print_life(io, server);
    print_reviews(io, answer);
    return exit_code::ok;
  }
  using align = table::align;
  table rows{{{"SERVER"}, {"STATE"}, {"TRANSPORT"}, {"TOOLS", align::right}, {"RESOURCES", align::right},
              {"PROMPTS", align::right}, {"LAST ERROR"}}};
  for (auto server : list_field(answer, "servers")) {
    auto state = state_text(server);
    auto count = [&](const char* key) { return count_text(server, key); };
    rows.add({run_text(server), {state, style_of_state(state)}, text_field(server, "transport"), count("tools"),
              count("resources"), count("prompts"), text_field(server, "last_error")});
  }
  if (rows.empty())
    io.out << "No servers are configured. Take those of your AI clients with: slm-hub setup import\n";
  else
    rows.print(io);
  print_reviews(io, answer);
  return exit_code::ok;
}

} // namespace hub::cli
