#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/server_row.hpp"
#include "cli/table.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <map>
#include <ostream>

namespace hub::cli {

namespace {

/// The sessions of one client program.
struct client_line {
  int64_t sessions = 0;
  int64_t idle_seconds = 0;
};

void print_head(console& io, const std::string& hub) {
  auto line = [&](const char* name, const std::string& text) {
    io.out << "  " << io.paint(style::dim, name) << printable_line(text) << '\n';
  };
  io.out << io.paint(style::bold, "slm-hub " + printable_line(text_field(hub, "version"))) << " is "
         << printable_line(text_field(hub, "state")) << " (process " << integer_field(hub, "pid") << "), up "
         << seconds_text(integer_field(hub, "uptime_seconds")) << '\n';
  line("endpoint  ", text_field(hub, "endpoint"));
  if (auto fingerprint = text_field(hub, "tls_fingerprint"); !fingerprint.empty())
    line("tls       ", "SHA-256 " + fingerprint);
  if (flag_field(hub, "token_required"))
    line("tokens    ", "clients send Authorization: Bearer TOKEN; make one with slm-hub token create NAME");
  line("config    ", text_field(hub, "config_file"));
  auto audit = rpc::member(hub, "audit");
  if (text_field(audit, "state") == "degraded")
    line("audit     ", io.paint(style::bad, "degraded: " + printable_line(text_field(audit, "error"))) + ", "
                         + std::to_string(integer_field(audit, "dropped")) + " records lost");
  auto store = rpc::member(hub, "store");
  if (text_field(store, "state") == "degraded")
    line("store     ", io.paint(style::bad, "degraded, nothing is kept for the next start: " + printable_line(text_field(store, "error"))));
  auto calls = rpc::member(hub, "calls");
  line("calls     ", std::to_string(integer_field(calls, "in_flight")) + " in flight, "
                       + std::to_string(integer_field(calls, "answered")) + " answered, "
                       + std::to_string(integer_field(calls, "failed")) + " failed, "
                       + std::to_string(integer_field(calls, "cancelled")) + " cancelled");
  auto label = "plugins   ";
  for (auto plugin : list_field(hub, "plugins")) {
    if (!flag_field(plugin, "enabled"))
      continue;
    auto says = text_field(plugin, "says");
    auto error = text_field(plugin, "error");
    line(label, text_field(plugin, "name") + ' ' + text_field(plugin, "version") + (text_field(plugin, "version").empty() ? "" : " ")
                  + text_field(plugin, "state") + (says.empty() ? "" : ", " + says) + (error.empty() ? "" : ": it " + error));
    label = "          ";
  }
  auto warm_up = rpc::member(hub, "warm_up");
  auto tally = [](std::string_view x) {
    auto hits = integer_field(x, "hits");
    auto predictions = hits + integer_field(x, "misses");
    return predictions == 0 ? std::string{} : std::to_string(hits) + " of " + counted(predictions, "prediction") + " came true";
  };
  auto joined = rpc::member(warm_up, "joined");
  auto seen = integer_field(joined, "uses_seen");
  if (auto own = tally(warm_up); !own.empty())
    line("warm-up   ", text_field(warm_up, "mode") + ": " + own);
  if (auto both = tally(joined); !both.empty() && seen > 0)
    line("          ", "with " + counted(seen, "use") + " that the memory daemon saw: " + both);
  auto running = integer_field(hub, "starts_running");
  auto queued = integer_field(hub, "starts_queued");
  if (running + queued > 0)
    line("starts    ", std::to_string(running) + " running, " + std::to_string(queued) + " waiting");
}

void print_clients(console& io, const std::string& hub) {
  std::map<std::string, client_line> clients;
  for (auto session : list_field(hub, "sessions")) {
    auto name = text_field(session, "client_name");
    if (name.empty())
      name = "unnamed client";
    auto& line = clients[name + ' ' + text_field(session, "client_version")];
    auto idle = integer_field(session, "idle_seconds");
    line.idle_seconds = line.sessions == 0 ? idle : std::min(line.idle_seconds, idle);
    ++line.sessions;
  }
  auto label = "clients   ";
  for (auto& [name, line] : clients) {
    io.out << "  " << io.paint(style::dim, label) << printable_line(name) << ", " << counted(line.sessions, "session")
           << ", last heard of " << seconds_text(line.idle_seconds) << " ago\n";
    label = "          ";
  }
}

} // namespace

exit_code status(const command_context& context, const list_options& options) {
  auto& io = context.io;
  auto hub = context.hub().ask("GET", "/api/status");
  if (options.json) {
    io.out << hub << '\n';
    return exit_code::ok;
  }
  print_head(io, hub);
  print_clients(io, hub);
  using align = table::align;
  table rows{{{"SERVER"}, {"STATE"}, {"PID", align::right}, {"TOOLS", align::right}, {"CALLS", align::right},
              {"ERRORS", align::right}, {"P95", align::right}, {"MEMORY", align::right}, {"NEXT TRY"}}};
  auto all = list_field(hub, "servers");
  for (auto server : all) {
    auto state = state_text(server);
    auto number = [&](const char* key) {
      auto value = integer_field(server, key);
      return dash_if_zero(std::to_string(value), static_cast<double>(value));
    };
    auto p95 = number_field(server, "p95_ms");
    auto memory = integer_field(server, "resident_bytes");
    rows.add({run_text(server),
              {state, style_of_state(state)},
              number("pid"),
              count_text(server, "tools"),
              number("calls"),
              {number("errors"), integer_field(server, "errors") > 0 ? style::bad : style::plain},
              dash_if_zero(milliseconds_text(p95), p95),
              dash_if_zero(bytes_text(static_cast<uint64_t>(std::max<int64_t>(memory, 0))), static_cast<double>(memory)),
              next_try_text(server)});
  }
  io.out << '\n';
  if (rows.empty())
    io.out << "No servers are configured. Take those of your AI clients with: slm-hub setup import\n";
  else
    rows.print(io);
  for (auto server : all)
    print_trouble(io, server);
  print_reviews(io, hub);
  return exit_code::ok;
}

} // namespace hub::cli
