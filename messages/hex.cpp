#include "messages/hex.hpp"

namespace hub {

void write_hex(std::span<const unsigned char> bytes, char* to) noexcept {
  constexpr char digits[] = "0123456789abcdef";
  for (auto byte : bytes) {
    *to++ = digits[byte >> 4];
    *to++ = digits[byte & 15];
  }
}

} // namespace hub
