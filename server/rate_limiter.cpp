#include "server/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace hub {

std::optional<std::chrono::milliseconds> rate_limiter::take(std::string_view client, time_point now) {
  auto i = buckets_.find(client);
  if (i == buckets_.end()) {
    if (buckets_.size() >= capacity)
      make_room(now);
    i = buckets_.emplace(std::string{client}, bucket{rate_.burst, now}).first;
  }
  auto& x = i->second;
  x.tokens = fill(x, now);
  x.filled = now;
  if (x.tokens >= 1) {
    x.tokens -= 1;
    return std::nullopt;
  }
  return std::chrono::milliseconds{static_cast<int64_t>(std::ceil((1 - x.tokens) / rate_.per_second * 1000))};
}

double rate_limiter::fill(const bucket& x, time_point now) const noexcept {
  auto seconds = std::chrono::duration<double>(now - x.filled).count();
  return std::min(rate_.burst, x.tokens + std::max(seconds, 0.0) * rate_.per_second);
}

void rate_limiter::make_room(time_point now) {
  std::erase_if(buckets_, [&](auto& x) { return fill(x.second, now) >= rate_.burst; });
  if (buckets_.size() >= capacity)
    buckets_.clear();
}

} // namespace hub
