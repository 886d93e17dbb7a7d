#include "messages/money.hpp"

namespace hub {

namespace {

__extension__ using wide = __int128;
__extension__ using unsigned_wide = unsigned __int128;

/// Behind so many digits further ones only count as more than nothing.
constexpr int most_digits = 29;

bool is_digit(std::string_view text, size_t at) noexcept {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

/// The digits of a number without its point, and where the point stands: `value` times 10 to the power of `exponent`.
struct decimal {
  wide value = 0;
  int64_t exponent = 0;

  /// Whether digits were left out that are not zero.
  bool more = false;
};

std::optional<decimal> read(std::string_view text) noexcept {
  decimal result;
  size_t at = 0;
  int digits = 0;
  auto take_digits = [&](bool behind_point) {
    auto begin = at;
    for (; is_digit(text, at); ++at) {
      auto digit = text[at] - '0';
      if (digits < most_digits) {
        result.value = result.value * 10 + digit;
        digits += result.value > 0;
        result.exponent -= behind_point;
      } else {
        result.more |= digit != 0;
        result.exponent += !behind_point;
      }
    }
    return at > begin;
  };
  if (!take_digits(false))
    return std::nullopt;
  if (at < text.size() && text[at] == '.' && (++at, !take_digits(true)))
    return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    auto negative = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+'))
      ++at;
    if (!is_digit(text, at))
      return std::nullopt;
    int64_t exponent = 0;
    for (; is_digit(text, at); ++at)
      exponent = exponent < 1'000'000 ? exponent * 10 + (text[at] - '0') : exponent;
    result.exponent += negative ? -exponent : exponent;
  }
  return at == text.size() ? std::optional{result} : std::nullopt;
}

} // namespace

std::optional<money> money::parse(std::string_view number, int64_t unit) noexcept {
  auto read_number = read(number);
  if (!read_number)
    return std::nullopt;
  auto [value, exponent, more] = *read_number;
  if (value == 0)
    return money{};
  // 29 digits times a unit of at most 9 fit into 128 bits.
  auto units = value * unit;
  for (; exponent > 0 && units <= INT64_MAX; --exponent)
    units *= 10;
  for (; exponent < 0 && units > 0; ++exponent) {
    more |= units % 10 != 0;
    units /= 10;
  }
  units += more;
  return of_units(units > INT64_MAX ? INT64_MAX : static_cast<int64_t>(units));
}

money money::times(uint64_t count, uint64_t of) const noexcept {
  auto all = static_cast<unsigned_wide>(units_) * count;
  auto result = all / of + (all % of != 0);
  return of_units(result > static_cast<unsigned_wide>(INT64_MAX) ? INT64_MAX : static_cast<int64_t>(result));
}

std::string to_string(money x) {
  auto result = std::to_string(x.units() / money::cent);
  auto rest = x.units() % money::cent;
  if (rest == 0)
    return result;
  auto digits = std::to_string(money::cent + rest);
  digits.erase(digits.find_last_not_of('0') + 1);
  return result + '.' + digits.substr(1);
}

std::string cents_text(money x) {
  return to_string(x) + (x == money::of_cents(1) ? " cent" : " cents");
}

} // namespace hub
