#pragma once

#include <cstdio>
#include <cstdlib>

namespace hub::fuzz {

/// Ends the program, which the fuzzer takes for a crash, unless `holds`.
inline void require(bool holds, const char* what) {
  if (holds)
    return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

} // namespace hub::fuzz
