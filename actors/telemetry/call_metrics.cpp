#include "actors/telemetry/call_metrics.hpp"

#include "messages/policy.hpp"

#include <algorithm>

namespace hub {

namespace {

constexpr std::string_view other = "(other)";

/// The longest name of a tool that has a series of its own, in bytes.
constexpr size_t longest_name = 128;

/// The bounds of buckets in microseconds.
constexpr auto bounds_us = [] {
  std::array<uint64_t, duration_histogram::bounds.size()> result{};
  std::ranges::transform(duration_histogram::bounds, result.begin(),
                         [](double x) { return static_cast<uint64_t>(x * 1e6 + .5); });
  return result;
}();

} // namespace

void duration_histogram::add(int64_t microseconds) noexcept {
  auto us = static_cast<uint64_t>(std::max<int64_t>(microseconds, 0));
  auto i = std::ranges::lower_bound(bounds_us, us);
  ++buckets_[static_cast<size_t>(i - bounds_us.begin())];
  ++count_;
  sum_us_ += us;
}

duration_histogram& duration_histogram::operator+=(const duration_histogram& x) noexcept {
  for (size_t i = 0; i < buckets_.size(); ++i)
    buckets_[i] += x.buckets_[i];
  count_ += x.count_;
  sum_us_ += x.sum_us_;
  return *this;
}

uint64_t duration_histogram::up_to(size_t i) const noexcept {
  uint64_t result = 0;
  for (size_t k = 0; k <= i; ++k)
    result += buckets_[k];
  return result;
}

double duration_histogram::quantile(double q) const noexcept {
  if (count_ == 0)
    return 0;
  auto rank = q * static_cast<double>(count_);
  uint64_t before = 0;
  for (size_t i = 0; i < bounds.size(); ++i) {
    auto here = buckets_[i];
    if (here > 0 && static_cast<double>(before + here) >= rank) {
      auto low = i == 0 ? 0.0 : bounds[i - 1];
      auto share = (rank - static_cast<double>(before)) / static_cast<double>(here);
      return low + (bounds[i] - low) * std::clamp(share, 0.0, 1.0);
    }
    before += here;
  }
  return bounds.back();
}

uint64_t call_series::calls() const noexcept {
  uint64_t result = 0;
  for (auto x : outcomes)
    result += x;
  return result;
}

uint64_t call_series::errors() const noexcept {
  auto of = [this](call_outcome x) { return outcomes[static_cast<size_t>(x)]; };
  return of(call_outcome::tool_error) + of(call_outcome::error) + of(call_outcome::failed);
}

call_series& call_series::operator+=(const call_series& x) noexcept {
  for (size_t i = 0; i < outcomes.size(); ++i)
    outcomes[i] += x.outcomes[i];
  for (size_t i = 0; i < cache.size(); ++i)
    cache[i] += x.cache[i];
  durations += x.durations;
  request_bytes += x.request_bytes;
  answer_bytes += x.answer_bytes;
  cost += x.cost;
  return *this;
}

std::map<std::string_view, call_series> call_metrics::by_server() const {
  std::map<std::string_view, call_series> result;
  for (auto& [key, series] : series_)
    result[key.server] += series;
  return result;
}

call_metrics::series_map::iterator call_metrics::add_series(std::string_view server, std::string_view method,
                                                            std::string_view tool) {
  // Names come from outside: a client that makes some up must not fill the table.
  key wanted{std::string{server}, std::string{method}, std::string{tool}};
  auto known = tools_.find(wanted.server);
  if (known == tools_.end() && tools_.size() >= most_servers)
    wanted.server = other;
  auto& tools = tools_[wanted.server];
  if (tools >= tools_of_server)
    wanted.tool = wanted.tool.empty() ? std::string{} : std::string{other};
  auto [place, is_new] = series_.try_emplace(std::move(wanted));
  tools += is_new ? 1 : 0;
  return place;
}

void call_metrics::add(const call_record& x, std::string_view tool) {
  denied_ += x.outcome == call_outcome::denied ? 1 : 0;
  warned_ += x.rule && x.rule->act == permission::warn && x.outcome != call_outcome::denied ? 1 : 0;
  if (x.method == "tools/call" && (tool.empty() || tool.size() > longest_name))
    tool = other;
  // Calls often come in runs of the same tool.
  key_order::view wanted{x.server, x.method, tool};
  if (last_ == series_.end() || key_order::view_of(last_->first) != wanted) {
    last_ = series_.find(wanted);
    if (last_ == series_.end())
      last_ = add_series(x.server, x.method, tool);
  }
  auto& series = last_->second;
  ++series.outcomes[static_cast<size_t>(x.outcome)];
  if (x.outcome != call_outcome::denied)
    series.durations.add(x.microseconds);
  series.request_bytes += x.params.size();
  series.answer_bytes += x.answer_bytes;
  series.cost += x.cost;
  ++series.cache[static_cast<size_t>(x.cache)];
}

} // namespace hub
