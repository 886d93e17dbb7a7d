#include "messages/base64.hpp"

#include <cstdint>

namespace hub {

namespace {

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string result;
  result.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    auto group = bytes.substr(i, 3);
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; ++j)
      bits = bits << 8 | (j < group.size() ? static_cast<unsigned char>(group[j]) : 0u);
    for (size_t j = 0; j <= group.size(); ++j)
      result += alphabet[bits >> (18 - 6 * j) & 63];
  }
  return result;
}

constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

} // namespace

std::string base64(std::string_view bytes) {
  auto result = encode(bytes, plain);
  result.resize((result.size() + 3) / 4 * 4, '=');
  return result;
}

std::string base64url(std::string_view bytes) {
  return encode(bytes, for_urls);
}

} // namespace hub
