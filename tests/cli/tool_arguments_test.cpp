#include "cli/tool_arguments.hpp"

#include "cli/exit_code.hpp"

#include <doctest/doctest.h>

using namespace hub::cli;

namespace {

/// The message of the error, with its exit code checked.
std::string refusal(const std::vector<std::string>& words) {
  try {
    return "accepted: " + tool_arguments(words);
  } catch (const command_error& e) {
    CHECK(e.code() == exit_code::usage);
    return e.what();
  }
}

} // namespace

TEST_CASE("no words are no arguments") {
  CHECK(tool_arguments({}) == "{}");
}

TEST_CASE("a value that is JSON keeps its type and its text") {
  CHECK(tool_arguments({"n=3", "x=1.50", "big=123456789012345678901234567890", "yes=true", "none=null"})
        == R"({"n":3,"x":1.50,"big":123456789012345678901234567890,"yes":true,"none":null})");
  CHECK(tool_arguments({"list=[1, 2]", R"(o={"a":"b"})", R"(s="3")"}) == R"({"list":[1, 2],"o":{"a":"b"},"s":"3"})");
}

TEST_CASE("any other value is a string") {
  CHECK(tool_arguments({"a=hello world", "b=", "c=1.2.3", "d=[1", "e=x=y", "f=-", "g=tru", "h=\"\xc3\xa4"})
        == "{\"a\":\"hello world\",\"b\":\"\",\"c\":\"1.2.3\",\"d\":\"[1\",\"e\":\"x=y\",\"f\":\"-\",\"g\":\"tru\",\"h\":\"\\\"\xc3\xa4\"}");
}

TEST_CASE("one JSON object is taken as it is") {
  CHECK(tool_arguments({R"({"a": [1, {"b": null}]})"}) == R"({"a": [1, {"b": null}]})");
}

TEST_CASE("what is no argument is refused with the way to write it") {
  CHECK(refusal({"hello"}).find("key=value") != std::string::npos);
  CHECK(refusal({"=x"}).find("key=value") != std::string::npos);
  CHECK(refusal({"{\"a\":1}", "b=2"}).find("key=value") != std::string::npos);
  CHECK(refusal({"{\"a\":"}).find("not JSON") != std::string::npos);
  CHECK(refusal({"[1,2]"}).find("must be a JSON object") != std::string::npos);
  CHECK(refusal({"a=1", "a=2"}).find("given twice") != std::string::npos);
  CHECK(refusal({"a=\xff"}).find("not UTF-8") != std::string::npos);
}
