#include "service/import/document.hpp"

#include <doctest/doctest.h>

using namespace hub;
using kind = config_value::kind;

TEST_CASE("TOML values have their types and places") {
  std::string text = "a = \"x\"\nb = [1, 2.5, true]\n\n[t.\"u v\"]\nd = 2025-01-02\nf = inf\n";
  auto root = read_toml(text, "f.toml");
  REQUIRE_MESSAGE(root, to_string(root.errors()));
  CHECK(root->find("a")->text == "x");
  CHECK(position_of(text, root->find("a")->begin).column == 5);
  auto& list = *root->find("b");
  CHECK(list.items[0].text == "1");
  CHECK(list.items[1].text == "2.5");
  CHECK(list.items[2].boolean);
  auto* table = root->find("t")->find("u v");
  REQUIRE(table);
  CHECK(position_of(text, table->begin).line == 4);
  CHECK(table->find("d")->text == "2025-01-02");
  CHECK(table->find("d")->is(kind::string));
  CHECK(table->find("f")->is(kind::string));
}

TEST_CASE("YAML scalars follow the core schema") {
  auto root = read_yaml("a: yes\nb: true\nc: \"true\"\nd: 8080\ne: '8080'\nf: 0123\ng: ~\nh: -1.5e3\ni: 1.\n", "f.yaml");
  REQUIRE_MESSAGE(root, to_string(root.errors()));
  CHECK(root->find("a")->is(kind::string));
  CHECK(root->find("b")->is(kind::boolean));
  CHECK(root->find("c")->is(kind::string));
  CHECK(root->find("d")->is(kind::number));
  CHECK(root->find("e")->is(kind::string));
  CHECK(root->find("f")->is(kind::string));
  CHECK(root->find("g")->is(kind::null));
  CHECK(root->find("h")->is(kind::number));
  CHECK(root->find("i")->is(kind::string));
}

TEST_CASE("YAML that unfolds without end is an error") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j)
      text += (j ? ", *a" : "*a") + std::to_string(i - 1);
    text += "]\n";
  }
  auto root = read_yaml(text, "f.yaml");
  REQUIRE_FALSE(root);
  CHECK(to_string(root.errors()).find("nested too deep or too large") != std::string::npos);
  CHECK_FALSE(read_yaml("a: &x [*x]\n", "f.yaml"));
}

TEST_CASE("hostile nesting is an error in each format") {
  CHECK_FALSE(read_yaml(std::string(100'000, '['), "f"));
  CHECK_FALSE(read_yaml("a: " + std::string(200, '[') + std::string(200, ']'), "f"));
  CHECK_FALSE(read_toml("a = " + std::string(100'000, '['), "f"));
  CHECK_FALSE(read_toml("a = " + std::string(100, '[') + std::string(100, ']'), "f"));
}

TEST_CASE("text that is not UTF-8 is refused in each format") {
  CHECK(to_string(read_yaml("a: b\nc: d\xFF" "e\n", "f").errors()) == "f:2:5: the text is not UTF-8; save the file as UTF-8");
  CHECK_FALSE(read_yaml("a: \xC3", "f"));
  CHECK_FALSE(read_toml("a = \"\xFF\"\n", "f"));
  CHECK(read_yaml("a: \xC3\xA4", "f"));
}

TEST_CASE("the format shows by the content where the name says nothing") {
  auto format_of = [](const char* text, const char* name = "f") {
    auto result = read_document(text, name);
    REQUIRE_MESSAGE(result, to_string(result.errors()));
    return result->format;
  };
  CHECK(format_of("// c\n{\"a\": 1,}") == document_format::json);
  CHECK(format_of("[a]\nb = 1\n") == document_format::toml);
  CHECK(format_of("a:\n  b: 1\n") == document_format::yaml);
  CHECK(format_of("a: 1\n", "f.json") == document_format::yaml);
  CHECK(format_of("{\"a\": 1}", "f.toml") == document_format::json);
}

TEST_CASE("broken JSON is not taken for YAML") {
  auto result = read_document("{'a': 1}", "f");
  REQUIRE_FALSE(result);
  CHECK(to_string(result.errors()).find("f:1:2: a key in double quotes") == 0);
}

TEST_CASE("a format that is asked for is not second-guessed") {
  CHECK_FALSE(read_document("a: 1\n", "f", document_format::json));
  CHECK(read_document("{\"a\": 1}", "f", document_format::yaml)->format == document_format::yaml);
}
