#include "actors/random_token.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace hub {

std::string random_token() {
  std::array<unsigned char, 16> bytes;
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw std::system_error{errno, std::generic_category(), "getrandom"};
  static constexpr char hex[] = "0123456789abcdef";
  std::string result;
  for (auto x : bytes) {
    result += hex[x >> 4];
    result += hex[x & 15];
  }
  return result;
}

} // namespace hub
