#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// What is often used after what: counts, for each server, which one was used next within
/// some minutes. A small model that predicts and explains itself; what is long ago counts for less.
/// It has no clock; every call says what time it is.
class use_model {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Uses that lie further apart have nothing to do with each other.
  static constexpr std::chrono::minutes horizon{10};

  /// How often something must have followed, and in what share of the cases, to be predicted.
  static constexpr double least_weight = 3;
  static constexpr double least_share = 0.4;

  /// When so much was counted after a server, all of it is halved.
  static constexpr double most_weight = 64;

  /// The most servers that are remembered, and that are predicted at once.
  static constexpr size_t most_servers = 500;
  static constexpr size_t most_predicted = 3;

  /// A server is used.
  /// @return Whether it is another one than before, so that `predict` has something new to say.
  bool observe(const std::string& server, time_point now);

  /// What will probably be used within `horizon` after `server`, the likeliest first.
  std::vector<std::string> predict(const std::string& server) const;

  /// Forgets a server that is not configured any more.
  void forget(const std::string& server);

  bool empty() const noexcept {
    return counts_.empty();
  }

  /// As text for `read`, JSON.
  std::string write() const;

  /// What `write` wrote; an empty model for anything else.
  static use_model read(std::string_view text);

private:
  using followers = std::map<std::string, double>;

  std::map<std::string, followers> counts_;

  /// The uses of the last minutes, the newest last; one for each server.
  struct use {
    std::string server;
    time_point at;
  };
  std::vector<use> recent_;
};

/// Predictions that may still come true, and how often they did.
class prediction_tally {
public:
  using time_point = use_model::time_point;

  /// A server was predicted.
  void expect(const std::string& server, time_point now);

  /// A server is used; was it expected?
  void used(const std::string& server, time_point now);

  /// Predictions whose time is up were wrong.
  void expire(time_point now);

  uint64_t hits() const noexcept {
    return hits_;
  }

  uint64_t misses() const noexcept {
    return misses_;
  }

private:
  std::map<std::string, time_point> open_;
  uint64_t hits_ = 0;
  uint64_t misses_ = 0;
};

} // namespace hub
