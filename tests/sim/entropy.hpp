#pragma once

#include <cstdint>

namespace hub::sim {

/// From here on `getrandom` gives this program numbers that follow from `seed`.
/// Session ids come from there, and the order of tables from the ids.
void seed_entropy(uint64_t seed);

} // namespace hub::sim
