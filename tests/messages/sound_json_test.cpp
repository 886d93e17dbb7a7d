#include "messages/rpc/sound_json.hpp"

#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

using hub::rpc::is_surely_json;
using hub::rpc::is_surely_object;
using hub::rpc::json_members;

namespace {

/// Whether RapidJSON takes it, at any depth.
bool is_json(std::string_view text) {
  rapidjson::MemoryStream stream{text.data(), text.size()};
  rapidjson::Reader reader;
  rapidjson::BaseReaderHandler<> handler;
  return !reader.Parse<rapidjson::kParseIterativeFlag>(stream, handler).IsError();
}

const std::vector<std::string> sound{
  R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a\"b\\"}}})",
  R"([ ])", R"({ })", R"([[],{},[{}]])", " \t\r\n{\"a\" : [ 1 , -2.5 , 0 , -0 , true , false , null ] }\n", R"("text")",
  R"("\u00e9\n\/ and more than sixteen plain characters")", R"(0)", R"(123456789012345)", R"({"":""})"};

const std::vector<std::string> broken{
  "", " ", "{", "[", "}", "]", R"({"a"})", R"({"a":})", R"({"a":1,})", R"([1,])", R"([1 2])", R"({1:2})", R"({"a":1])", R"([1})",
  R"("open)", R"("bad \x escape")", R"("\u12g4")", "\"tab\tinside and sixteen more characters\"", "01", "-", "1.", ".5", "+1", "tru",
  "nul", "{} {}", R"({"a":1 "b":2})", R"([,1])", R"({,"a":1})", std::string("\0", 1), R"({"a" 1})"};

} // namespace

TEST_CASE("sound JSON is taken at first sight") {
  for (const auto& text : sound) {
    CAPTURE(text);
    CHECK(is_surely_json(text, 128));
  }
}

TEST_CASE("broken JSON is never taken at first sight") {
  for (const auto& text : broken) {
    CAPTURE(text);
    CHECK_FALSE(is_surely_json(text, 128));
    CHECK(hub::rpc::check_json(text));
  }
}

TEST_CASE("what is left to the slow reader is judged by it") {
  CHECK_FALSE(hub::rpc::check_json("1e5"));
  CHECK_FALSE(hub::rpc::check_json("[1234567890123456789, 1.5e-3]"));
  CHECK_FALSE(hub::rpc::check_json(R"("\ud83d\ude00")"));
  CHECK(hub::rpc::check_json("1e999"));
  CHECK(hub::rpc::check_json(R"("\ud83d alone")"));
}

TEST_CASE("nesting is taken up to the depth that is allowed and no further") {
  for (size_t depth : {1, 2, 63, 64, 65, 128}) {
    auto nested = std::string(depth, '[') + std::string(depth, ']');
    CHECK(is_surely_json(nested, depth));
    CHECK_FALSE(is_surely_json("[" + nested + "]", depth));
    CHECK(hub::rpc::check_json("[" + nested + "]", depth));
  }
}

TEST_CASE("whatever is taken at first sight is taken by the slow reader too") {
  std::mt19937 random{7};
  auto below = [&random](size_t most) { return std::uniform_int_distribution<size_t>{0, most - 1}(random); };
  constexpr std::string_view letters = "{}[]\",:\\ \t0123456789-.eEutrfalsn\x01\x1f\x7f";
  size_t taken = 0;
  for (auto i = 0; i < 200'000; ++i) {
    auto text = sound[below(sound.size())];
    for (auto edits = 1 + below(3); edits > 0 && !text.empty(); --edits) {
      auto at = below(text.size());
      if (below(3) == 0)
        text.erase(at, 1);
      else if (below(2) == 0)
        text.insert(at, 1, letters[below(letters.size())]);
      else
        text[at] = letters[below(letters.size())];
    }
    if (!is_surely_json(text, 128))
      continue;
    ++taken;
    if (!is_json(text))
      FAIL("taken, though it is broken: ", text);
  }
  CHECK(taken > 1000);
}

TEST_CASE("the members of a sound object are told as they stand") {
  json_members members;
  REQUIRE(is_surely_object(R"( {"a" : [1,{"b":2}] , "c":"}", "d":{}, "e":-1.5 } )", 8, members));
  REQUIRE(members.size() == 4);
  CHECK(members[0].key == "a");
  CHECK(members[0].value == R"([1,{"b":2}])");
  CHECK(members[1].key == "c");
  CHECK(members[1].value == R"("}")");
  CHECK(members[2].value == "{}");
  CHECK(members[3].key == "e");
  CHECK(members[3].value == "-1.5");
  REQUIRE(is_surely_object("{}", 8, members));
  CHECK(members.empty());
}

TEST_CASE("what is no object, or has more members than an envelope, is looked at more closely") {
  json_members members;
  CHECK(!is_surely_object(R"([{"a":1}])", 8, members));
  CHECK(!is_surely_object(R"({"a":1}x)", 8, members));
  CHECK(!is_surely_object("", 8, members));
  std::string many = "{";
  for (size_t i = 0; i < members.capacity(); ++i)
    many += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
  CHECK(is_surely_object(many + "}", 8, members));
  CHECK(!is_surely_object(many + R"(,"last":0})", 8, members));
}
