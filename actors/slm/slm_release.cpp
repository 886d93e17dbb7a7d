#include "actors/slm/slm_release.hpp"

#include <charconv>

namespace hub {

uint32_t slm_release::writes_per_minute() const noexcept {
  if (*this < slm_release{3, 4, 21})
    return 30;
  return *this < slm_release{3, 8, 0} ? 0 : 300;
}

std::optional<slm_release> slm_release_of(std::string_view text) noexcept {
  slm_release result;
  uint32_t* parts[] = {&result.major, &result.minor, &result.patch};
  auto* at = text.data();
  auto* end = text.data() + text.size();
  for (auto i = 0; i < 3; ++i) {
    auto [next, error] = std::from_chars(at, end, *parts[i]);
    if (error != std::errc{})
      return std::nullopt;
    at = next;
    if (i < 2 && (at == end || *at++ != '.'))
      return std::nullopt;
  }
  return result;
}

} // namespace hub
