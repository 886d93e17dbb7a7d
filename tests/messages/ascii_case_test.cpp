#include "messages/ascii_case.hpp"

#include <doctest/doctest.h>

#include <string>

using hub::same_but_case;

TEST_CASE("texts are the same in any case of ASCII letters, and of no other character") {
  auto lower = [](int c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; };
  auto wrong = 0;
  // At each place of the eight that are compared at a time, and behind them.
  for (size_t place = 0; place < 11; ++place)
    for (auto c = 0; c < 256; ++c)
      for (auto d = 0; d < 256; ++d) {
        std::string a = "Mcp-\xC3\xA4name:";
        std::string b = "mCP-\xC3\xA4NAME:";
        a[place] = static_cast<char>(c);
        b[place] = static_cast<char>(d);
        wrong += same_but_case(a, b) != (lower(c) == lower(d));
      }
  CHECK(wrong == 0);
}

TEST_CASE("texts of different lengths are not the same") {
  CHECK(same_but_case("", ""));
  CHECK(!same_but_case("a", "ab"));
  CHECK(!same_but_case("Content-Type", "Content-Typ"));
}
