#include "cli/commands.hpp"
#include "cli/csv_field.hpp"
#include "cli/json_fields.hpp"
#include "cli/quantity.hpp"
#include "cli/table.hpp"
#include "messages/budget.hpp"
#include "messages/money.hpp"
#include "messages/rpc/json_scan.hpp"
#include "service/config/config_file.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <string_view>

namespace hub::cli {

namespace {

/// How wide a bar may be, in columns.
constexpr size_t widest_bar = 30;

/// An amount as the hub writes it, in cents.
std::string amount(std::string_view object, std::string_view key) {
  auto value = rpc::member(object, key);
  return value.empty() ? "0" : std::string{value};
}

/// `share` of the widest bar, in eighths of a column.
std::string bar(double share) {
  constexpr const char* parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  auto eighths = static_cast<size_t>(std::lround(std::clamp(share, 0.0, 1.0) * widest_bar * 8));
  std::string result;
  for (size_t i = 0; i < eighths / 8; ++i)
    result += "█";
  return result + parts[eighths % 8];
}

std::string heading(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

std::string name_of(std::string_view row, const std::string& by) {
  return by == "tool" ? text_field(row, "server") + " " + text_field(row, "tool") : text_field(row, by);
}

void print_csv(std::ostream& out, const std::string& answer, const std::string& by) {
  if (by == "tool")
    out << "server,";
  out << by << ",calls,cents,saved_calls,saved_cents\r\n";
  for (auto row : list_field(answer, "rows")) {
    if (by == "tool")
      out << csv_field(text_field(row, "server")) << ',';
    out << csv_field(text_field(row, by));
    for (auto* key : {"calls", "cents", "saved_calls", "saved_cents"})
      out << ',' << amount(row, key);
    out << "\r\n";
  }
}

void print_rows(console& io, const std::string& answer, const std::string& by) {
  using align = table::align;
  table rows{{{heading(by)}, {"CALLS", align::right}, {"CENTS", align::right}, {"FROM CACHE", align::right},
              {"SAVED", align::right}, {io.out_is_terminal ? "SHARE" : ""}}};
  double most = 0;
  for (auto row : list_field(answer, "rows"))
    most = std::max(most, number_field(row, "cents"));
  for (auto row : list_field(answer, "rows"))
    rows.add({name_of(row, by), amount(row, "calls"), amount(row, "cents"), amount(row, "saved_calls"),
              amount(row, "saved_cents"),
              io.out_is_terminal && most > 0 ? bar(number_field(row, "cents") / most) : ""});
  rows.print(io);
}

void print_budgets(console& io, std::string_view answer) {
  auto budgets = list_field(answer, "budgets");
  if (budgets.empty())
    return;
  using align = table::align;
  table rows{{{"BUDGET"}, {"PER"}, {"SPENT", align::right}, {"OF CENTS", align::right}, {"BEGINS ANEW"}}};
  for (auto x : budgets) {
    auto full = number_field(x, "spent_cents") >= number_field(x, "cents");
    auto reset = text_field(x, "resets_at");
    auto scope = text_field(x, "scope");
    rows.add({scope == "session" ? "session (dearest)" : scope, text_field(x, "per"),
              {text_field(x, "per") == "call" ? "-" : amount(x, "spent_cents"), full ? style::bad : style::plain},
              amount(x, "cents"), reset.empty() ? "-" : reset});
  }
  io.out << '\n';
  rows.print(io);
}

/// `0.5 a call + 0.02 a KB`.
std::string price_text(const price& x) {
  if (x.is_free())
    return "free";
  std::string result;
  for (auto [amount, unit] : {std::pair{x.per_call, " a call"}, {x.per_kb, " a KB"}, {x.per_second, " a second"}})
    if (!amount.is_none())
      result += (result.empty() ? "" : " + ") + to_string(amount) + unit;
  if (!x.field.empty())
    result += result.empty() ? "as the result tells" : " + what the result tells";
  return result + (x.at_most.is_none() ? "" : ", at most " + to_string(x.at_most));
}

exit_code show_prices(const command_context& context) {
  auto& io = context.io;
  auto config = load_config(context.config_file());
  if (!config)
    fail(config.errors());
  warn(io, config->warnings);
  table rows{{{"SERVER"}, {"TOOL"}, {"CENTS"}, {"FROM"}}};
  for (auto& server : config->servers)
    for (auto& rule : server.prices)
      rows.add({server.name, rule.tool, price_text(rule.price), rule.origin});
  if (rows.empty())
    io.out << "No tool has a price; `slm-hub cost --help` says how to give it one.\n";
  else
    rows.print(io);
  return exit_code::ok;
}

/// What the hub has spared its users, counted as docs/ledger.md says.
void print_savings(std::ostream& out, std::string_view savings) {
  if (savings.empty())
    return;
  // A token is some four bytes of JSON.
  auto tokens = [](int64_t bytes) { return std::to_string(bytes / 4); };
  auto number = [&](const char* key) { return integer_field(savings, key); };
  auto size = [&](const char* key) { return bytes_text(static_cast<uint64_t>(std::max<int64_t>(number(key), 0))); };
  auto day = utc_text(number("since")).substr(0, 10);
  out << "\nSpared since " << day << ":\n  " << counted(number("lists"), "list") << " of tools without " << size("definition_bytes")
      << " of definitions, some " << tokens(number("definition_bytes")) << " tokens; the hub's own tools and searches took "
      << tokens(number("reply_bytes")) << " instead\n  " << counted(number("results"), "result") << " from the cache ("
      << size("result_bytes") << ")\n  " << std::max<int64_t>(number("processes_wanted") - number("processes_started"), 0)
      << " processes of servers: sessions would have started " << number("processes_wanted") << ", the hub has started "
      << number("processes_started") << '\n';
}

} // namespace

exit_code cost(const command_context& context, const cost_options& options) {
  if (options.prices)
    return show_prices(context);
  auto& io = context.io;
  auto answer = context.hub().ask("GET", "/api/cost?by=" + options.by + "&days=" + std::to_string(options.days));
  if (options.json) {
    io.out << answer << '\n';
    return exit_code::ok;
  }
  if (options.csv) {
    print_csv(io.out, answer, options.by);
    return exit_code::ok;
  }
  auto total = rpc::member(answer, "total");
  auto spent = money::parse(amount(total, "cents")).value_or(money{});
  auto saved = money::parse(amount(total, "saved_cents")).value_or(money{});
  io.out << text_field(answer, "from") << " to " << text_field(answer, "until") << ": " << cents_text(spent)
         << " spent, " << cents_text(saved) << " saved by the cache\n";
  if (!list_field(answer, "rows").empty()) {
    io.out << '\n';
    print_rows(io, answer, options.by);
  }
  print_budgets(io, answer);
  print_savings(io.out, rpc::member(answer, "savings"));
  return exit_code::ok;
}

} // namespace hub::cli
