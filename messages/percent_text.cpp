#include "messages/percent_text.hpp"

#include <cctype>
#include <cstddef>

namespace hub {

namespace {

int digit_of(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

} // namespace

std::string percent_encode(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string result;
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || std::string_view{"-._~"}.find(c) != std::string_view::npos)
      result += c;
    else
      result.append({'%', hex[byte >> 4], hex[byte & 15]});
  }
  return result;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    auto high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
    auto low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

} // namespace hub
