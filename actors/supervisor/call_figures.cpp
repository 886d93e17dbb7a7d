#include "actors/supervisor/call_figures.hpp"

#include <algorithm>

namespace hub {

namespace {

constexpr int64_t longest_us = int64_t{3600} * 1'000'000;

} // namespace

void call_figures::add(int64_t duration_us, bool failed) noexcept {
  durations_[calls_ % window] = static_cast<uint32_t>(std::clamp<int64_t>(duration_us, 0, longest_us));
  ++calls_;
  errors_ += failed ? 1 : 0;
}

double call_figures::p95_ms() const noexcept {
  auto count = std::min<uint64_t>(calls_, window);
  if (count == 0)
    return 0;
  auto sorted = durations_;
  auto end = sorted.begin() + static_cast<ptrdiff_t>(count);
  auto place = sorted.begin() + static_cast<ptrdiff_t>((count * 95 + 99) / 100 - 1);
  std::nth_element(sorted.begin(), place, end);
  return *place / 1000.0;
}

} // namespace hub
