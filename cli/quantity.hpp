#pragma once

#include <cstdint>
#include <string>

namespace hub::cli {

/// A length of time as people say it, in two units at most: `2 h 5 min`.
std::string seconds_text(int64_t seconds);

/// A latency: `0.4 ms`, `12 ms`, `1.2 s`.
std::string milliseconds_text(double milliseconds);

/// A size in powers of 1000: `512 B`, `14.2 MB`.
std::string bytes_text(uint64_t bytes);

/// A number with its noun, in the plural unless it is one: `1 tool`.
std::string counted(int64_t number, const std::string& noun);

} // namespace hub::cli
