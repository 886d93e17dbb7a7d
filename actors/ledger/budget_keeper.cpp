#include "actors/ledger/budget_keeper.hpp"

#include "messages/glob.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

bool is_below(std::string_view folder, std::string_view top) {
  return folder == top
         || (folder.size() > top.size() && folder.starts_with(top) && (top.ends_with('/') || folder[top.size()] == '/'));
}

/// Opens a new period if the one before is over.
template <class Counter>
void roll(Counter& x, int64_t now) {
  auto since = begin_of(x.per, now);
  if (since <= x.since)
    return;
  x.since = since;
  x.spent = {};
}

} // namespace

std::string key_of(const budget& x, std::string_view session) {
  auto result = scope_text(x) + "/" + std::string{to_string(x.per)};
  if (x.scope == budget::kind::session)
    result.append("#").append(session);
  return result;
}

bool counts_for(const budget& x, const spender& who) {
  switch (x.scope) {
    case budget::kind::client:
      return matches_pattern(who.client, x.pattern) || (!who.token.empty() && matches_pattern(who.token, x.pattern));
    case budget::kind::project:
      return is_below(who.project, x.pattern);
    case budget::kind::tool:
      return matches_pattern(who.tool, x.pattern)
             || matches_pattern(std::string{who.server} + "__" + std::string{who.tool}, x.pattern);
    default:
      return true;
  }
}

void budget_keeper::set(budgets_ptr budgets) {
  budgets_ = std::move(budgets);
}

void budget_keeper::restore(const std::vector<spent_row>& rows) {
  for (auto& row : rows) {
    make_room();
    auto x = std::make_shared<counter>();
    x->key = row.key;
    x->since = row.since;
    x->spent = row.spent;
    x->used = ++uses_;
    counters_.insert_or_assign(row.key, std::move(x));
  }
}

void budget_keeper::make_room() {
  if (counters_.size() < most_counters)
    return;
  auto oldest = counters_.end();
  for (auto i = counters_.begin(); i != counters_.end(); ++i)
    if (i->second->reserved.is_none() && (oldest == counters_.end() || i->second->used < oldest->second->used))
      oldest = i;
  if (oldest != counters_.end())
    counters_.erase(oldest);
}

std::shared_ptr<budget_keeper::counter>& budget_keeper::counter_of(const budget& x, const spender& who, int64_t now) {
  auto key = key_of(x, who.session);
  auto i = counters_.find(key);
  if (i == counters_.end()) {
    make_room();
    i = counters_.emplace(key, std::make_shared<counter>()).first;
    i->second->key = std::move(key);
  }
  auto& result = i->second;
  result->per = x.per;
  result->used = ++uses_;
  roll(*result, now);
  return result;
}

std::variant<budget_keeper::reservation, budget_keeper::refusal>
budget_keeper::reserve(const spender& who, money amount, int64_t now) {
  reservation result;
  result.amount_ = amount;
  if (!budgets_)
    return result;
  for (auto& x : *budgets_) {
    if (!counts_for(x, who))
      continue;
    if (x.per == budget::period::call) {
      if (amount > x.limit)
        return refusal{x, {}, {}, amount, 0};
      continue;
    }
    auto& counter = counter_of(x, who, now);
    if (counter->spent + counter->reserved + amount > x.limit)
      return refusal{x, counter->spent, counter->reserved, amount, end_of(x.per, std::max(now, counter->since))};
    result.counters_.push_back(counter);
  }
  for (auto& counter : result.counters_)
    counter->reserved += amount;
  return result;
}

std::vector<spent_row> budget_keeper::settle(reservation x, money cost, int64_t now) {
  std::vector<spent_row> result;
  for (auto& counter : x.counters_) {
    roll(*counter, now);
    counter->reserved -= x.amount_;
    counter->spent += cost;
    if (!cost.is_none())
      result.push_back({counter->key, counter->since, counter->spent});
  }
  return result;
}

} // namespace hub
