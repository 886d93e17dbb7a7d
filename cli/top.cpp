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

/// The columns that tell what calls have come to; on a narrow terminal they go in this order:
/// cents, cached, sent, p50, p99, received.
void add_figure_columns(std::vector<table::column>& columns) {
  using align = table::align;
  columns.insert(columns.end(), {{"CALLS", align::right}, {"ERRORS", align::right}, {"P50", align::right, 6}, {"P95", align::right},
                                 {"P99", align::right, 5}, {"SENT", align::right, 7}, {"RECEIVED", align::right, 4},
                                 {"CACHED", align::right, 8}, {"CENTS", align::right, 9}});
}

/// The cells for these.
/// @param x An object of the hub's answer; without members if nothing was called.
void add_figures(std::vector<table::cell>& row, std::string_view x) {
  auto number = [&](const char* key) {
    auto value = integer_field(x, key);
    return dash_if_zero(std::to_string(value), static_cast<double>(value));
  };
  auto ms = [&](const char* key) { return dash_if_zero(milliseconds_text(number_field(x, key)), number_field(x, key)); };
  auto bytes = [&](const char* key) {
    auto value = std::max<int64_t>(integer_field(x, key), 0);
    return dash_if_zero(bytes_text(static_cast<uint64_t>(value)), static_cast<double>(value));
  };
  row.insert(row.end(), {number("calls"), {number("errors"), integer_field(x, "errors") > 0 ? style::bad : style::plain},
                         ms("p50_ms"), ms("p95_ms"), ms("p99_ms"), bytes("request_bytes"), bytes("answer_bytes"), number("cache_hits"),
                         dash_if_zero(std::string{rpc::member(x, "cost_cents")}, number_field(x, "cost_cents"))});
}

/// Each server once: what it is, and what its calls have come to.
table table_of_servers(const std::string& calls, const std::string& servers, bool full) {
  using align = table::align;
  std::vector<table::column> columns{{"SERVER"}, {"STATE"}};
  add_figure_columns(columns);
  columns.insert(columns.end(), {{"PID", align::right, 3}, {"MEMORY", align::right, 1}, {"STARTS", align::right, 10}, {"CRASHES", align::right, 2}});
  table result{std::move(columns)};
  auto counted_servers = list_field(calls, "servers");
  for (auto server : list_field(servers, "servers")) {
    auto state = state_text(server);
    if (!full && state != "ready" && integer_field(server, "starts") == 0)
      continue;
    auto number = [&](const char* key) {
      auto value = integer_field(server, key);
      return dash_if_zero(std::to_string(value), static_cast<double>(value));
    };
    auto name = text_field(server, "name");
    // Runs of their own are counted with the shared one.
    auto figures = std::ranges::find_if(counted_servers, [&](auto x) { return text_field(x, "server") == name; });
    auto shows = figures != counted_servers.end() && integer_field(server, "session") == 0;
    auto memory = std::max<int64_t>(integer_field(server, "resident_bytes"), 0);
    std::vector<table::cell> row{run_text(server), {state, style_of_state(state)}};
    add_figures(row, shows ? *figures : std::string_view{"{}"});
    row.insert(row.end(), {number("pid"), dash_if_zero(bytes_text(static_cast<uint64_t>(memory)), static_cast<double>(memory)),
                           number("starts"), number("crashes")});
    result.add(std::move(row));
  }
  return result;
}

void draw(console& io, const std::string& calls, const std::string& servers, bool full) {
  io.out << io.paint(style::bold, "slm-hub top") << "  " << counted(integer_field(calls, "in_flight"), "call") << " in flight\n\n";
  auto states = table_of_servers(calls, servers, full);
  if (!states.empty())
    states.print(io);
  std::vector<table::column> columns{{"TOOL"}};
  add_figure_columns(columns);
  table rows{std::move(columns)};
  for (auto x : sorted_calls(calls)) {
    auto tool = text_field(x, "tool");
    std::vector<table::cell> row{text_field(x, "server") + " " + (tool.empty() ? text_field(x, "method") : tool)};
    add_figures(row, x);
    rows.add(std::move(row));
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
