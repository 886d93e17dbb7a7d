#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/server_row.hpp"
#include "cli/table.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ostream>
#include <thread>

namespace hub::cli {

namespace {

volatile std::sig_atomic_t ended = 0;

void end(int) {
  ended = 1;
}

/// The tools that are called most come first.
std::vector<std::string_view> sorted_calls(const std::string& answer) {
  auto result = list_field(answer, "calls");
  std::ranges::stable_sort(result, std::ranges::greater{}, [](auto x) { return integer_field(x, "calls"); });
  return result;
}

void draw(console& io, const std::string& calls, const std::string& servers, bool full) {
  using align = table::align;
  auto in_flight = integer_field(calls, "in_flight");
  io.out << io.paint(style::bold, "slm-hub top") << "  " << counted(in_flight, "call") << " in flight\n\n";
  table states{{{"SERVER"}, {"STATE"}, {"PID", align::right}, {"MEMORY", align::right}, {"STARTS", align::right},
                {"CRASHES", align::right}}};
  for (auto server : list_field(servers, "servers")) {
    auto state = state_text(server);
    auto memory = std::max<int64_t>(integer_field(server, "resident_bytes"), 0);
    if (!full && state != "ready" && integer_field(server, "starts") == 0)
      continue;
    auto number = [&](const char* key) {
      auto value = integer_field(server, key);
      return dash_if_zero(std::to_string(value), static_cast<double>(value));
    };
    states.add({run_text(server), {state, style_of_state(state)}, number("pid"),
                dash_if_zero(bytes_text(static_cast<uint64_t>(memory)), static_cast<double>(memory)),
                number("starts"), number("crashes")});
  }
  if (!states.empty())
    states.print(io);
  table rows{{{"TOOL"}, {"CALLS", align::right}, {"ERRORS", align::right}, {"P50", align::right}, {"P95", align::right},
              {"P99", align::right}, {"SENT", align::right}, {"RECEIVED", align::right}, {"CACHED", align::right}, {"CENTS", align::right}}};
  for (auto x : sorted_calls(calls)) {
    auto tool = text_field(x, "tool");
    auto errors = integer_field(x, "errors");
    auto bytes = [&](const char* key) { return bytes_text(static_cast<uint64_t>(std::max<int64_t>(integer_field(x, key), 0))); };
    auto cached = integer_field(x, "cache_hits");
    auto cost = rpc::member(x, "cost_cents");
    auto ms = [&](const char* key) { return milliseconds_text(number_field(x, key)); };
    rows.add({text_field(x, "server") + " " + (tool.empty() ? text_field(x, "method") : tool),
              std::to_string(integer_field(x, "calls")),
              {dash_if_zero(std::to_string(errors), static_cast<double>(errors)), errors > 0 ? style::bad : style::plain},
              ms("p50_ms"), ms("p95_ms"), ms("p99_ms"), bytes("request_bytes"), bytes("answer_bytes"),
              dash_if_zero(std::to_string(cached), static_cast<double>(cached)),
              dash_if_zero(std::string{cost}, number_field(x, "cost_cents"))});
  }
  io.out << '\n';
  if (rows.empty())
    io.out << "No calls yet.\n";
  else
    rows.print(io);
}

} // namespace

exit_code top(const command_context& context, const top_options& options) {
  auto& io = context.io;
  if (options.json) {
    io.out << context.hub().ask("GET", "/api/calls") << '\n';
    return exit_code::ok;
  }
  if (options.once || !io.out_is_terminal) {
    draw(io, context.hub().ask("GET", "/api/calls"), context.hub().ask("GET", "/api/servers"), true);
    return exit_code::ok;
  }
  ended = 0;
  auto before = std::signal(SIGINT, end);
  // A screen of its own, which gives back what was there.
  io.out << "\x1b[?1049h\x1b[?25l";
  try {
    while (ended == 0) {
      auto calls = context.hub().ask("GET", "/api/calls");
      auto servers = context.hub().ask("GET", "/api/servers");
      io.out << "\x1b[H\x1b[2J";
      draw(io, calls, servers, false);
      io.out << "\nEnd it: Ctrl-C" << std::flush;
      auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(options.interval);
      while (ended == 0 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
  } catch (...) {
    io.out << "\x1b[?25h\x1b[?1049l" << std::flush;
    std::signal(SIGINT, before);
    throw;
  }
  io.out << "\x1b[?25h\x1b[?1049l" << std::flush;
  std::signal(SIGINT, before);
  return exit_code::ok;
}

} // namespace hub::cli
