#include "service/config/json_reader.hpp"

#include <doctest/doctest.h>

using namespace hub;

namespace {

std::string error_of(const std::string& text) {
  auto result = read_json(text, "f.json");
  return result ? "" : to_string(result.errors());
}

} // namespace

TEST_CASE("values know their place in the text") {
  std::string text = "// first\n{ /* a : , */ \"key\" : [1, \"two\\n\", true,], \"o\": {\"n\": null} }";
  auto root = read_json(text, "f.json");
  REQUIRE(root);
  auto span = [&](const config_value& x) { return text.substr(x.begin, x.end - x.begin); };
  CHECK(root->begin == text.find('{'));
  CHECK(root->end == text.size());
  auto* list = root->find("key");
  REQUIRE(list);
  CHECK(span(*list) == "[1, \"two\\n\", true,]");
  REQUIRE(list->items.size() == 3);
  CHECK(span(list->items[0]) == "1");
  CHECK(span(list->items[1]) == "\"two\\n\"");
  CHECK(list->items[1].text == "two\n");
  CHECK(span(list->items[2]) == "true");
  CHECK(text.substr(root->members[1].key_begin, 3) == "\"o\"");
  CHECK(span(*root->find("o")->find("n")) == "null");
}

TEST_CASE("comments, trailing commas and a byte order mark are fine") {
  auto root = read_json("\xEF\xBB\xBF{\n// one\n\"a\": 1, /* two\n lines */ \"b\": 2,\n}\n// end", "f.json");
  REQUIRE(root);
  CHECK(root->members.size() == 2);
  CHECK(root->find("b")->text == "2");
}

TEST_CASE("a syntax error has a place, a cause and a fix") {
  CHECK(error_of("{\n  \"a\": 1\n  \"b\": 2\n}")
        == "f.json:3:3: a comma or } is missing before this; add it");
  CHECK(error_of("") == "f.json:1:1: the file is empty; write {} or remove the file");
  CHECK(error_of("{'a': 1}").find("f.json:1:2: a key in double quotes") == 0);
  CHECK(error_of("{\"a\" 1}").find("f.json:1:6: a colon is missing") == 0);
  CHECK(error_of("[1 2]").find("f.json:1:4: a comma or ] is missing") == 0);
  CHECK(error_of("{} {}").find("f.json:1:4: there is more text") == 0);
  CHECK(error_of("{\"a\": tru}").find("this is no JSON value") != std::string::npos);
  CHECK(error_of("{\"a\": \"x").find("the string does not end") != std::string::npos);
  CHECK(error_of("{\"a\": 1").find("a comma or } is missing") != std::string::npos);
  CHECK(error_of("{ /* open").find("f.json:1:") == 0);
}

TEST_CASE("half a surrogate pair is no text") {
  for (auto half : {R"("\uDDDD")", R"("\uD83D")", R"("\uD83Dx")", R"({"\uDC00": 1})"})
    CHECK_MESSAGE(error_of(half).find("the \\u escape is broken") != std::string::npos, half);
  CHECK(error_of(R"("\uD83D\uDE00")").empty());
}

TEST_CASE("columns count characters") {
  CHECK(error_of("{\"\xC3\xA4\xC3\xB6\": x}").find("f.json:1:8:") == 0);
}

TEST_CASE("bad UTF-8 and zero bytes are refused") {
  CHECK(error_of("{\"a\": \"\xFF\"}").find("not UTF-8") != std::string::npos);
  CHECK(error_of(std::string{"{}\n\0{}", 6}).find("f.json:2:1: there is a zero byte") == 0);
}

TEST_CASE("nesting of 64 is fine and deeper is an error, however deep") {
  auto nested = [](size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  CHECK(error_of(nested(64)) == "");
  CHECK(error_of(nested(65)).find("f.json:1:65: brackets are nested more than 64 deep") == 0);
  CHECK(error_of(std::string(200'000, '[')).find("nested more than 64") != std::string::npos);
  std::string objects;
  for (int i = 0; i < 200'000; ++i)
    objects += "{\"a\":";
  CHECK(error_of(objects).find("nested more than 64") != std::string::npos);
}

TEST_CASE("numbers stay as written") {
  auto root = read_json("[1e300, 0.10, 12345678901234567890]", "f.json");
  REQUIRE(root);
  CHECK(root->items[0].text == "1e300");
  CHECK(root->items[1].text == "0.10");
  CHECK(to_json(*root).find("12345678901234567890") != std::string::npos);
}
