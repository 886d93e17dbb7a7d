#include "messages/rpc/canonical_json.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <string>
#include <utility>

using namespace hub::rpc;

TEST_SUITE_BEGIN("canonical_json");

TEST_CASE("numbers are written as in the appendix B of RFC 8785") {
  constexpr std::pair<uint64_t, const char*> samples[] = {
    {0x0000000000000000, "0"},
    {0x8000000000000000, "0"},
    {0x0000000000000001, "5e-324"},
    {0x8000000000000001, "-5e-324"},
    {0x7fefffffffffffff, "1.7976931348623157e+308"},
    {0xffefffffffffffff, "-1.7976931348623157e+308"},
    {0x4340000000000000, "9007199254740992"},
    {0xc340000000000000, "-9007199254740992"},
    {0x4430000000000000, "295147905179352830000"},
    {0x44b52d02c7e14af5, "9.999999999999997e+22"},
    {0x44b52d02c7e14af6, "1e+23"},
    {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
    {0x444b1ae4d6e2ef4e, "999999999999999700000"},
    {0x444b1ae4d6e2ef4f, "999999999999999900000"},
    {0x444b1ae4d6e2ef50, "1e+21"},
    {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
    {0x3eb0c6f7a0b5ed8d, "0.000001"},
    {0x41b3de4355555553, "333333333.3333332"},
    {0x41b3de4355555554, "333333333.33333325"},
    {0x41b3de4355555555, "333333333.3333333"},
    {0x41b3de4355555556, "333333333.3333334"},
    {0x41b3de4355555557, "333333333.33333343"},
    {0xbecbf647612f3696, "-0.0000033333333333333333"},
    {0x43143ff3c1cb0959, "1424953923781206.2"},
  };
  for (auto& [bits, text] : samples)
    CHECK(canonical_number(std::bit_cast<double>(bits)) == text);
}

TEST_CASE("the sample of RFC 8785, section 3.2.2, comes out as there") {
  auto result = canonical_json(R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  })");
  REQUIRE(result);
  CHECK(*result == "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                   "\"string\":\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

TEST_CASE("members are sorted by UTF-16 code units, as in RFC 8785, section 3.2.3") {
  auto result = canonical_json(R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})");
  REQUIRE(result);
  CHECK(*result == "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"\xC3\xB6\":7,\"\xE2\x82\xAC\":1,\"\xF0\x9F\x98\x80\":5,\"\xEF\xAC\xB3\":3}");
}

TEST_CASE("spelling, order and white space do not count") {
  auto a = canonical_json(R"({"a": [1, 2.0, {"y": "\u0041", "x": -0}], "b": 10})");
  auto b = canonical_json(R"({"b":1e1,"a":[1.0,2,{"x":0,"y":"A"}]})");
  REQUIRE(a);
  CHECK(a == b);
  CHECK(canonical_json(R"({"a":"1"})") != canonical_json(R"({"a":1})"));
}

TEST_CASE("a name that starts another one comes first") {
  CHECK(canonical_json(R"({"ab":1,"a":2,"":3})") == R"({"":3,"a":2,"ab":1})");
}

TEST_CASE("what would mean the same as something else has no canonical form") {
  for (auto* text : {
         "9007199254740993",         // is 9007199254740992 in a double
         "-9223372036854775807",     // so are its neighbours
         "0.1000000000000000055511", // is 0.1
         "1e400", "1e-400",
         R"({"a":1,"a":2})", R"({"a":1,"\u0061":2})",
         R"("\ud800")", R"("\udc00\ud800")", R"("\ud800x")",
         "{", "", "nul", R"({"a":01})"})
    CHECK_MESSAGE(!canonical_json(text), text);
  CHECK(canonical_json("9007199254740992") == "9007199254740992");
}
