#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hub {

/// How many requests a client may send: so many a second, and so many at once.
struct request_rate {
  /// 0 is no bound.
  double per_second = 0;
  double burst = 0;
};

/// A token bucket for each client. For one thread.
class rate_limiter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// How many clients are remembered. When there are more, those who have sent nothing for long
  /// enough to have their whole burst again are forgotten, or else all.
  static constexpr size_t capacity = 4096;

  explicit rate_limiter(request_rate rate) noexcept : rate_(rate) {
    // nop
  }

  bool bounds() const noexcept {
    return rate_.per_second > 0;
  }

  /// Counts a request of a client.
  /// @return Nothing if it may be answered, or how long to wait.
  std::optional<std::chrono::milliseconds> take(std::string_view client, time_point now);

private:
  struct bucket {
    double tokens;
    time_point filled;
  };

  struct hash {
    using is_transparent = void;

    size_t operator()(std::string_view x) const noexcept {
      return std::hash<std::string_view>{}(x);
    }
  };

  double fill(const bucket& x, time_point now) const noexcept;
  void make_room(time_point now);

  request_rate rate_;
  std::unordered_map<std::string, bucket, hash, std::equal_to<>> buckets_;
};

} // namespace hub
