#include "actors/catalog/tool_signature.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("tool signature");

namespace {

std::string of(std::string_view properties, std::string_view required = "[]") {
  return tool_signature("f", "", R"({"properties":)" + std::string{properties} + R"(,"required":)"
                                   + std::string{required} + "}");
}

} // namespace

TEST_CASE("a signature shows types and what may be left out") {
  CHECK(of(R"({"a":{"type":"string"},"b":{"type":"integer"}})", R"(["a"])") == "f(a: string, b?: integer)");
  CHECK(of(R"({"a":{"type":"array","items":{"type":"number"}}})", R"(["a"])") == "f(a: number[])");
  CHECK(of(R"({"a":{"type":["string","null"]}})") == "f(a?: string)");
  CHECK(of(R"({"a":{"anyOf":[{"type":"string"},{"type":"null"},{"type":"integer"}]}})") == "f(a?: string|integer)");
  CHECK(of(R"({"a":{"enum":["x","y"]}})") == R"(f(a?: "x"|"y"))");
  CHECK(of(R"({"a":{"type":"string","enum":["a","b","c","d","e"]}})") == "f(a?: string)");
  CHECK(of(R"({"a":{}})") == "f(a?)");
}

TEST_CASE("parameters that must be given come first and are few") {
  CHECK(of(R"({"a":{},"b":{}})", R"(["b"])") == "f(b, a?)");
  CHECK(of(R"({"a":{},"b":{},"c":{},"d":{},"e":{},"f":{},"g":{},"h":{},"i":{}})").ends_with("h?, \u2026)"));
}

TEST_CASE("a schema that is none leaves the parameters out") {
  CHECK(tool_signature("f", "Does it.", "") == "f(): Does it.");
  CHECK(tool_signature("f", "", "[1]") == "f()");
  CHECK(tool_signature("f", "", R"({"properties":{"a":7}})") == "f(a?)");
  CHECK(tool_signature("f", "", R"({"properties":{"a\"b":{}}})") == "f(a\"b?)");
}

TEST_CASE("deep schemas are not followed to the end") {
  std::string deep;
  for (int i = 0; i < 200; ++i)
    deep += R"({"type":"array","items":)";
  deep += "{}";
  deep += std::string(200, '}');
  CHECK(of(R"({"a":)" + deep + "}") == "f(a?: [][][][])");
}

TEST_CASE("the first sentence is one short line") {
  CHECK(first_sentence("Read a file. Then more.", 100) == "Read a file.");
  CHECK(first_sentence("  Read v1.2 of\ta   file", 100) == "Read v1.2 of a file");
  CHECK(first_sentence("Title\n\nBody.", 100) == "Title");
  CHECK(first_sentence("搜索。然后", 100) == "搜索。");
  CHECK(first_sentence("ééééé", 5) == "éé\u2026");
  CHECK(first_sentence("", 5) == "");
}
