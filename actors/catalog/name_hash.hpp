#pragma once

#include <cstdint>
#include <string_view>

namespace hub {

/// Hashes a name with FNV-1a: the same on every machine and in every run, so
/// that what is made of it can be shown to clients.
constexpr uint64_t name_hash(std::string_view name) noexcept {
  uint64_t result = 0xcbf29ce484222325;
  for (auto c : name)
    result = (result ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return result;
}

} // namespace hub
