#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace hub {

/// Which tool each user of a session has called last: one user, or many of a door that the stateless share. It
/// takes no memory before it is used.
class last_tools {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What is longer ago has nothing to do with what comes.
  static constexpr std::chrono::minutes horizon{10};

  /// How many users are remembered; another one costs an older one its place.
  static constexpr size_t users = 16;

  void note(uint64_t user, uint64_t tool, time_point now) {
    if (!slots_)
      slots_ = std::make_unique<std::array<slot, users>>();
    (*slots_)[user % users] = {user, tool, now};
  }

  /// 0 if it is none that counts still.
  uint64_t of(uint64_t user, time_point now) const {
    if (!slots_)
      return 0;
    auto& x = (*slots_)[user % users];
    return x.user == user && now - x.at <= horizon ? x.tool : 0;
  }

private:
  struct slot {
    uint64_t user = 0;
    uint64_t tool = 0;
    time_point at{};
  };

  std::unique_ptr<std::array<slot, users>> slots_;
};

} // namespace hub
