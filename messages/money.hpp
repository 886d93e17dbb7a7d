#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// An amount of money, exact: whole millionths of a cent, from none to some 92 billion
/// dollars. It is never negative. Sums stay at the largest amount, differences at none.
class money {
public:
  /// Millionths of a cent.
  static constexpr int64_t cent = 1'000'000;
  static constexpr int64_t dollar = 100 * cent;

  constexpr money() = default;

  static constexpr money of_cents(int64_t x) noexcept {
    return of_units(x > INT64_MAX / cent ? INT64_MAX : x * cent);
  }

  /// @param x Millionths of a cent; less than none is none.
  static constexpr money of_units(int64_t x) noexcept {
    money result;
    result.units_ = x < 0 ? 0 : x;
    return result;
  }

  /// Reads a number as JSON writes it, such as `0.5` or `12e-3`. What is smaller than a millionth of
  /// a cent counts as one; what is too much becomes the largest amount. Nothing if it is no
  /// number, or negative.
  /// @param unit What the number counts: `cent` or `dollar`.
  static std::optional<money> parse(std::string_view number, int64_t unit = cent) noexcept;

  constexpr int64_t units() const noexcept {
    return units_;
  }

  constexpr bool is_none() const noexcept {
    return units_ == 0;
  }

  /// This amount `count / of` times, rounded up. `of` is at least 1.
  money times(uint64_t count, uint64_t of = 1) const noexcept;

  constexpr money& operator+=(money x) noexcept {
    units_ = units_ > INT64_MAX - x.units_ ? INT64_MAX : units_ + x.units_;
    return *this;
  }

  constexpr money& operator-=(money x) noexcept {
    units_ = units_ < x.units_ ? 0 : units_ - x.units_;
    return *this;
  }

  friend constexpr money operator+(money a, money b) noexcept {
    return a += b;
  }

  friend constexpr money operator-(money a, money b) noexcept {
    return a -= b;
  }

  constexpr auto operator<=>(const money&) const = default;

private:
  int64_t units_ = 0;
};

/// In cents, as a JSON number that `parse` reads as the same amount: `12`, `0.5`.
std::string to_string(money x);

/// With its unit, for people: `12 cents`, `1 cent`.
std::string cents_text(money x);

} // namespace hub
