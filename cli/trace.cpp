#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/table.hpp"
#include "messages/percent_text.hpp"
#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <string_view>

namespace hub::cli {

namespace {

/// The columns of a bar where the terminal does not say how wide it is, and the fewest.
constexpr size_t usual_bar = 40;
constexpr size_t shortest_bar = 10;

/// A length of time in its own unit.
std::string time_text(int64_t microseconds) {
  if (microseconds < 1000)
    return std::to_string(microseconds) + " us";
  return milliseconds_text(static_cast<double>(microseconds) / 1000);
}

style style_of(const std::string& outcome) {
  return outcome == "ok" || outcome == "cancelled" ? style::plain : style::bad;
}

/// What was called: `github create_issue`, or `github tools/list`.
std::string call_text(std::string_view call) {
  auto target = text_field(call, "target");
  return text_field(call, "server") + " " + (target.empty() ? text_field(call, "method") : target);
}

void list(console& io, const std::string& answer) {
  using align = table::align;
  table rows{{{"TRACE"}, {"TIME"}, {"CLIENT"}, {"CALL"}, {"OUTCOME"}, {"TOOK", align::right}}};
  for (auto call : list_field(answer, "traces")) {
    auto outcome = text_field(call, "outcome");
    rows.add({text_field(call, "trace_id").substr(0, 16), text_field(call, "at"), text_field(call, "client"), call_text(call),
              {outcome, style_of(outcome)}, time_text(integer_field(call, "us"))});
  }
  if (rows.empty())
    io.out << "No calls yet.\n";
  else
    rows.print(io);
  auto sent = rpc::member(answer, "export");
  if (!sent.starts_with('{'))
    return;
  auto works = flag_field(sent, "works");
  io.out << '\n' << counted(integer_field(sent, "sent"), "call") << " sent to " << printable_line(text_field(sent, "url"));
  if (auto dropped = integer_field(sent, "dropped"); dropped > 0 || !works)
    io.out << io.paint(style::bad, ", " + std::to_string(dropped) + " dropped" + (works ? "" : "; it does not answer well"));
  io.out << '\n';
}

/// A line of the waterfall.
struct bar_row {
  std::string name;
  int64_t start;
  int64_t length;
  style look;
};

/// Rows with bars below each other, as long as they took and where they began.
void draw(console& io, const std::vector<bar_row>& rows) {
  int64_t whole = 1;
  size_t names = 0;
  size_t times = 0;
  for (auto& row : rows) {
    whole = std::max(whole, row.start + row.length);
    names = std::max(names, display_width(row.name));
    times = std::max(times, time_text(row.length).size());
  }
  auto used = names + times + 4;
  auto width = io.width == 0 ? usual_bar : std::max(shortest_bar, io.width - std::min(io.width, used + 1));
  for (auto& row : rows) {
    auto column = [&](int64_t at) {
      return static_cast<size_t>(std::llround(static_cast<double>(at) * static_cast<double>(width) / static_cast<double>(whole)));
    };
    auto from = std::min(column(row.start), width - 1);
    auto to = std::max(column(row.start + row.length), from + 1);
    std::string bar;
    for (auto i = from; i < to; ++i)
      bar += "█";
    auto time = time_text(row.length);
    io.out << row.name << std::string(names - display_width(row.name) + 2, ' ') << std::string(times - time.size(), ' ') << time
           << "  " << std::string(from, ' ') << io.paint(row.look, bar) << '\n';
  }
}

void show(console& io, const std::string& answer) {
  auto calls = list_field(answer, "calls");
  io.out << io.paint(style::bold, "trace " + printable_line(text_field(answer, "trace_id"))) << "  "
         << counted(static_cast<int64_t>(calls.size()), "call") << "\n\n";
  for (auto call : calls) {
    auto outcome = text_field(call, "outcome");
    auto client = text_field(call, "client");
    io.out << printable_line(text_field(call, "at") + "  " + (client.empty() ? "(unknown)" : client) + "  request "
                             + text_field(call, "request"))
           << "  " << io.paint(style_of(outcome), printable_line(outcome)) << '\n';
    if (auto parent = text_field(call, "parent_id"); !parent.empty())
      io.out << "part of the span " << printable_line(parent) << " of its client\n";
  }
  io.out << '\n';
  std::vector<bar_row> rows;
  for (auto call : calls) {
    auto outcome = text_field(call, "outcome");
    auto look = outcome == "ok" ? style::good : style_of(outcome);
    rows.push_back({printable_line(call_text(call)), integer_field(call, "start_us"), integer_field(call, "us"), look});
    for (auto span : list_field(call, "spans"))
      rows.push_back({"  " + printable_line(text_field(span, "name")), integer_field(span, "start_us"), integer_field(span, "us"),
                      style::dim});
  }
  draw(io, rows);
}

} // namespace

exit_code trace(const command_context& context, const trace_options& options) {
  auto& io = context.io;
  auto answer = options.id.empty() ? context.hub().ask("GET", "/api/traces?limit=" + std::to_string(options.limit))
                                   : context.hub().ask("GET", "/api/traces?id=" + percent_encode(options.id));
  if (options.json)
    io.out << answer << '\n';
  else if (options.id.empty())
    list(io, answer);
  else
    show(io, answer);
  return exit_code::ok;
}

} // namespace hub::cli
