#include "messages/ascii_case.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace hub {

namespace {

constexpr unsigned char lower(unsigned char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c | 0x20) : c;
}

/// The same for eight characters at a time.
constexpr uint64_t lower(uint64_t chars) noexcept {
  constexpr uint64_t each = 0x0101010101010101;
  // A sum's highest bit tells whether a character is in the range, without a carry into the next.
  auto low = chars & (each * 0x7F);
  auto from_a = low + each * (0x80 - 'A');
  auto behind_z = low + each * (0x80 - 'Z' - 1);
  auto letters = (from_a ^ behind_z) & ~chars & (each * 0x80);
  return chars | letters >> 2;
}

uint64_t eight_of(const char* text) noexcept {
  uint64_t result;
  std::memcpy(&result, text, sizeof result);
  return result;
}

} // namespace

bool same_but_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size())
    return false;
  auto x = a.data();
  auto y = b.data();
  auto left = a.size();
  for (; left >= 8; left -= 8, x += 8, y += 8)
    if (lower(eight_of(x)) != lower(eight_of(y)))
      return false;
  return std::equal(x, x + left, y, [](unsigned char c, unsigned char d) { return lower(c) == lower(d); });
}

} // namespace hub
