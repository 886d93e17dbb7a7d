#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>

namespace hub::sim {

/// All chance of one world. The same seed throws the same numbers on every
/// machine, which the distributions of the standard library do not promise.
class dice {
public:
  explicit dice(uint64_t seed) : source_(seed) {
    // nop
  }

  /// One of 0 to `sides` - 1; `sides` is at least 1.
  uint64_t below(uint64_t sides) {
    return source_() % sides;
  }

  /// True `percent` times of a hundred.
  bool chance(uint64_t percent) {
    return below(100) < percent;
  }

  /// A time from `least` to `most`.
  std::chrono::milliseconds between(std::chrono::milliseconds least, std::chrono::milliseconds most) {
    return least + std::chrono::milliseconds{below(static_cast<uint64_t>((most - least).count()) + 1)};
  }

  template <class Container>
  auto& pick(Container& from) {
    return from[below(from.size())];
  }

private:
  std::mt19937_64 source_;
};

} // namespace hub::sim
