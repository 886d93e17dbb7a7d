#include "messages/printable_line.hpp"

#include <doctest/doctest.h>

using hub::printable_line;

TEST_CASE("words of every script stay as they are") {
  CHECK(printable_line("") == "");
  CHECK(printable_line("plain ~ gr\xC3\xBC\xC3\x9F \xE2\x98\x83 \xF0\x9D\x84\x9E \xC2\xA0") == "plain ~ gr\xC3\xBC\xC3\x9F \xE2\x98\x83 \xF0\x9D\x84\x9E \xC2\xA0");
}

TEST_CASE("nothing in a line begins another one") {
  CHECK(printable_line("a\nb\r\nc\xE2\x80\xA8" "d\xC2\x85" "e\x0B" "f") == "a b  c d e f");
}

TEST_CASE("nothing in a line steers a terminal") {
  CHECK(printable_line("\x1b[31mred\x1b[0m") == "red");
  CHECK(printable_line("\x1b]0;title\x07") == " ]0;title ");
  CHECK(printable_line("\xC2\x9B" "31m\x7F\x08") == " 31m  ");
  CHECK(printable_line({"a\0b", 3}) == "a b");
}

TEST_CASE("nothing in a line reorders what stands around it") {
  CHECK(printable_line("\xE2\x80\xAE" "a\xE2\x81\xA6" "b\xE2\x81\xA9" "c") == " a b c");
}

TEST_CASE("what is no UTF-8 is marked") {
  CHECK(printable_line("\xFF\xC3( \xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD( \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}
