#include "actors/ledger/ledger_book.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace hub {

namespace {

using grouping = cost_question::grouping;

constexpr int64_t day_seconds = 86'400;
constexpr std::array<std::string_view, 4> grouping_names{"tool", "server", "client", "day"};
constexpr std::string_view others = "(other)";

std::string date_text(int64_t day) {
  return utc_text(day * day_seconds).substr(0, 10);
}

std::string cut(std::string_view name) {
  return std::string{name.substr(0, ledger_book::longest_name)};
}

std::string budget_text(const budget& x, const spent_row* row, int64_t now) {
  auto since = begin_of(x.per, now);
  auto spent = row && row->since >= since ? row->spent : money{};
  auto result = R"({"scope":)" + rpc::quote(scope_text(x)) + R"(,"per":")" + std::string{to_string(x.per)}
                + R"(","cents":)" + to_string(x.limit) + R"(,"spent_cents":)" + to_string(spent);
  if (auto end = end_of(x.per, now))
    result += R"(,"resets_at":)" + rpc::quote(utc_text(end));
  return result + '}';
}

} // namespace

cost_question read_cost_question(std::string_view query) {
  cost_question result;
  while (!query.empty()) {
    auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.starts_with("by=")) {
      auto i = std::ranges::find(grouping_names, part.substr(3));
      if (i != grouping_names.end())
        result.by = static_cast<grouping>(i - grouping_names.begin());
    } else if (part.starts_with("days=")) {
      auto text = part.substr(5);
      int64_t days = 0;
      if (std::from_chars(text.data(), text.data() + text.size(), days).ec == std::errc{})
        result.days = std::clamp<int64_t>(days, 1, ledger_book::days_kept);
    }
  }
  return result;
}

ledger_book::sums& ledger_book::sums::operator+=(const sums& x) {
  calls += x.calls;
  cost += x.cost;
  saved_calls += x.saved_calls;
  saved += x.saved;
  return *this;
}

void ledger_book::restore(std::vector<cost_row> rows, std::vector<spent_row> spent) {
  for (auto& x : rows)
    if (rows_.insert_or_assign(key{x.day, std::move(x.server), std::move(x.tool), std::move(x.client)},
                               sums{x.calls, x.cost, x.saved_calls, x.saved})
          .second)
      ++rows_on_day_[x.day];
  for (auto& x : spent)
    spent_.insert_or_assign(x.key, std::move(x));
  trim();
}

ledger_book::key ledger_book::key_for(const cost_entry& x) const {
  key result{x.at / day_seconds, cut(x.server), cut(x.tool), cut(x.client)};
  auto i = rows_on_day_.find(result.day);
  if (i == rows_on_day_.end() || i->second < rows_of_day || rows_.contains(result))
    return result;
  result.client = others;
  if (rows_.contains(result) || i->second < rows_of_day + 500)
    return result;
  result.server = result.tool = others;
  return result;
}

void ledger_book::add(const settle_costs& x) {
  for (auto& entry : x.entries) {
    auto key = key_for(entry);
    auto [i, is_new] = rows_.try_emplace(key);
    rows_on_day_[key.day] += is_new;
    auto paid = !entry.cost.is_none();
    i->second += sums{paid, entry.cost, !paid, entry.saved};
    dirty_.insert(std::move(key));
  }
  for (auto& row : x.spent) {
    if (spent_.size() >= most_spent && !spent_.contains(row.key))
      spent_.erase(spent_.begin());
    spent_.insert_or_assign(row.key, row);
    dirty_spent_.insert(row.key);
  }
  trim();
}

void ledger_book::trim() {
  auto drop_day = [this](int64_t day) {
    std::erase_if(rows_, [day](auto& x) { return x.first.day == day; });
    std::erase_if(dirty_, [day](auto& x) { return x.day == day; });
    rows_on_day_.erase(day);
  };
  while (rows_on_day_.size() > 1 && rows_.size() > most_rows)
    drop_day(rows_on_day_.begin()->first);
}

keep_costs ledger_book::take_dirty() {
  keep_costs result;
  for (auto& key : std::exchange(dirty_, {}))
    if (auto i = rows_.find(key); i != rows_.end())
      result.rows.push_back({key.day, key.server, key.tool, key.client, i->second.calls, i->second.cost,
                             i->second.saved_calls, i->second.saved});
  for (auto& key : std::exchange(dirty_spent_, {}))
    if (auto i = spent_.find(key); i != spent_.end())
      result.spent.push_back(i->second);
  return result;
}

void ledger_book::write_again(const keep_costs& x) {
  for (auto& row : x.rows)
    if (key k{row.day, row.server, row.tool, row.client}; rows_.contains(k))
      dirty_.insert(std::move(k));
  for (auto& row : x.spent)
    dirty_spent_.insert(row.key);
}

std::string ledger_book::text_of(const sums& x) {
  return R"("calls":)" + std::to_string(x.calls) + R"(,"cents":)" + to_string(x.cost) + R"(,"saved_calls":)"
         + std::to_string(x.saved_calls) + R"(,"saved_cents":)" + to_string(x.saved);
}

std::string ledger_book::report(const cost_question& x, const budget_list& budgets, int64_t now) const {
  auto today = now / day_seconds;
  auto first = today - std::min(x.days, days_kept) + 1;
  std::map<std::pair<std::string, std::string>, sums> groups;
  sums total;
  for (auto i = rows_.lower_bound(key{first, {}, {}, {}}); i != rows_.end(); ++i) {
    auto& [key, value] = *i;
    total += value;
    switch (x.by) {
      case grouping::tool:
        groups[{key.server, key.tool}] += value;
        break;
      case grouping::server:
        groups[{key.server, ""}] += value;
        break;
      case grouping::client:
        groups[{key.client, ""}] += value;
        break;
      case grouping::day:
        groups[{date_text(key.day), ""}] += value;
        break;
    }
  }
  std::vector<std::pair<std::pair<std::string, std::string>, sums>> sorted{groups.begin(), groups.end()};
  if (x.by != grouping::day)
    std::ranges::stable_sort(sorted, std::ranges::greater{}, [](auto& y) { return y.second.cost; });
  auto by = std::string{grouping_names[static_cast<size_t>(x.by)]};
  auto result = R"({"by":")" + by + R"(","from":")" + date_text(first) + R"(","until":")" + date_text(today)
                + R"(","rows":[)";
  for (auto& [names, value] : sorted) {
    if (!result.ends_with('['))
      result += ',';
    if (x.by == grouping::tool)
      result += R"({"server":)" + rpc::quote(names.first) + R"(,"tool":)" + rpc::quote(names.second) + ',';
    else
      result += R"({")" + by + R"(":)" + rpc::quote(names.first) + ',';
    result += text_of(value) + '}';
  }
  result += R"(],"total":{)" + text_of(total) + R"(},"budgets":[)";
  for (auto& budget : budgets) {
    if (!result.ends_with('['))
      result += ',';
    // Of sessions, the one that has spent most.
    const spent_row* row = nullptr;
    auto prefix = scope_text(budget) + "/" + std::string{to_string(budget.per)};
    for (auto i = spent_.lower_bound(prefix); i != spent_.end() && i->first.starts_with(prefix); ++i)
      if ((i->first == prefix || i->first[prefix.size()] == '#') && (!row || i->second.spent > row->spent)
          && i->second.since >= begin_of(budget.per, now))
        row = &i->second;
    result += budget_text(budget, row, now);
  }
  return result + "]}";
}

} // namespace hub
