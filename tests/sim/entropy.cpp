#include "tests/sim/entropy.hpp"

#include <sys/random.h>

#include <cstddef>
#include <random>

namespace {

std::mt19937_64 source;

} // namespace

namespace hub::sim {

void seed_entropy(uint64_t seed) {
  source.seed(seed);
}

} // namespace hub::sim

/// Stands in front of the one of the C library.
extern "C" ssize_t getrandom(void* buffer, size_t length, unsigned) noexcept {
  for (size_t i = 0; i < length; ++i)
    static_cast<unsigned char*>(buffer)[i] = static_cast<unsigned char>(source());
  return static_cast<ssize_t>(length);
}
