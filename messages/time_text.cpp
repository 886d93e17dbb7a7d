#include "messages/time_text.hpp"

#include <charconv>

namespace hub {

namespace {

/// Appends a number that is not negative with at least `digits` digits.
void append_digits(std::string& to, int64_t x, size_t digits) {
  char text[20];
  auto [end, error] = std::to_chars(text, text + sizeof text, x);
  auto size = static_cast<size_t>(end - text);
  if (size < digits)
    to.append(digits - size, '0');
  to.append(text, size);
}

} // namespace

void append_time(std::string& to, std::chrono::system_clock::time_point at) {
  using namespace std::chrono;
  auto day = floor<days>(at);
  year_month_day date{day};
  auto ms = floor<milliseconds>(at - day).count();
  append_digits(to, static_cast<int>(date.year()), 4);
  auto part = [&to](char before, int64_t x, size_t digits) {
    to += before;
    append_digits(to, x, digits);
  };
  part('-', static_cast<unsigned>(date.month()), 2);
  part('-', static_cast<unsigned>(date.day()), 2);
  part('T', ms / 3'600'000, 2);
  part(':', ms / 60'000 % 60, 2);
  part(':', ms / 1000 % 60, 2);
  part('.', ms % 1000, 3);
  to += 'Z';
}

} // namespace hub
