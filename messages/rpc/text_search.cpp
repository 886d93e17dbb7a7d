#include "messages/rpc/text_search.hpp"

#include <cstring>

#ifdef __SSE2__
#  include <emmintrin.h>
#endif

namespace hub::rpc {

size_t find_text(std::string_view text, std::string_view word) noexcept {
  size_t at = 0;
#ifdef __SSE2__
  const auto first = _mm_set1_epi8(word.front());
  const auto last = _mm_set1_epi8(word.back());
  const auto to_last = word.size() - 1;
  for (; text.size() >= at + to_last + 16; at += 16) {
    auto pos = text.data() + at;
    auto begins = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pos));
    auto ends = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pos + to_last));
    auto hits = static_cast<unsigned>(
      _mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(begins, first), _mm_cmpeq_epi8(ends, last))));
    for (; hits != 0; hits &= hits - 1)
      if (auto hit = static_cast<size_t>(__builtin_ctz(hits)); std::memcmp(pos + hit, word.data(), word.size()) == 0)
        return at + hit;
  }
#endif
  return text.find(word, at);
}

} // namespace hub::rpc
