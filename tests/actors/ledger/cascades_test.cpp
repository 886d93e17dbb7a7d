#include "actors/ledger/cascades.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace hub;

TEST_SUITE_BEGIN("cascades");

namespace {

const cascade_tool plain{"a", "search"};
const cascade_tool renamed{"b", "find", {{"query", "q"}, {"limit", "n"}, {"depth", std::nullopt}}, {{"lang", "\"en\""}}};

std::string translated(const std::string& arguments, const cascade_tool& from, const cascade_tool& to) {
  return std::string{translate_call(json_text{R"({"name":"x","arguments":)" + arguments + R"(,"_meta":{"k":1}})"}, from, to).view()};
}

} // namespace

TEST_CASE("arguments get the names of the other tool, and all else stays") {
  CHECK(translated(R"({"query":"a b","limit":3,"depth":1,"other":{"x":[1]}})", plain, renamed)
        == R"({"name":"find","arguments":{"q":"a b","n":3,"other":{"x":[1]},"lang":"en"},"_meta":{"k":1}})");
  CHECK(translated(R"({"q":"a","n":3,"lang":"de","other":1})", renamed, plain)
        == R"({"name":"search","arguments":{"query":"a","limit":3,"other":1},"_meta":{"k":1}})");
  CHECK(translated("{}", renamed, plain) == R"({"name":"search","arguments":{},"_meta":{"k":1}})");
  CHECK(translated("null", plain, renamed) == R"({"name":"find","arguments":{"lang":"en"},"_meta":{"k":1}})");
}

TEST_CASE("what is there and back is as it was, but for what one of them does not have") {
  const cascade_tool other{"c", "look", {{"query", "text"}}};
  std::string arguments = R"({"text":"x","limit":1})";
  auto there = translate_call(json_text{R"({"name":"look","arguments":)" + arguments + "}"}, other, renamed);
  CHECK(translate_call(there, renamed, other).view() == R"({"name":"look","arguments":)" + arguments + "}");
}

TEST_CASE("a tool is found by its server and its name there") {
  cascade_list all{{"one", {plain, renamed}}, {"two", {{"a", "fetch"}, {"b", "get"}}}};
  CHECK(find_cascade(all, "b", "get").first->name == "two");
  CHECK(find_cascade(all, "b", "find").second == 1);
  CHECK(find_cascade(all, "b", "search").first == nullptr);
}

TEST_SUITE_END();
