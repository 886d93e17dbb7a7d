#include "actors/catalog/schema_outline.hpp"

#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("schema outline");

namespace {

constexpr std::string_view schema = R"({"type": "object", "description": "All of it",
 "properties": {
  "path": {"type": "string", "description": "Where"},
  "description": {"type": "string", "description": "What a person reads"},
  "mode": {"anyOf": [{"type": "string", "title": "By name"}, {"type": "integer"}], "default": 3},
  "owner": {"$ref": "#/$defs/owner"},
  "tags": {"type": "array", "items": {"type": "string", "minLength": 1}}
 },
 "required": ["path", "owner", "tags"],
 "$defs": {"owner": {"type": "string", "enum": ["me", "you"], "description": "Whose"}}})";

constexpr std::string_view without_texts
  = R"({"type":"object","description":"All of it","properties":{"path":{"type":"string","description":"Where"},)"
    R"("description":{"type":"string"},"mode":{"anyOf":[{"type":"string"},{"type":"integer"}],"default":3},)"
    R"("owner":{"$ref":"#/$defs/owner"},"tags":{"type":"array","items":{"type":"string","minLength":1}}},)"
    R"("required":["path","owner","tags"],"$defs":{"owner":{"type":"string","enum":["me","you"]}}})";

constexpr std::string_view types
  = R"({"type":"object","properties":{"path":{"type":"string"},"owner":{"type":"string","enum":["me","you"]},)"
    R"("tags":{"type":"array","items":{"type":"string"}}},"required":["path","owner","tags"]})";

fitted_schema fit(size_t room) {
  return fit_schema(schema, room, schema_cut::all_but_types).value_or(fitted_schema{});
}

} // namespace

TEST_CASE("a schema that fits stays whole") {
  auto x = fit(minified(schema).size());
  CHECK(x.json == minified(schema));
  CHECK(x.left_out.empty());
  CHECK(fit_schema("", 17, schema_cut::nothing)->json == R"({"type":"object"})");
}

TEST_CASE("first go the texts of what need not be given, but no property that has the name of a text") {
  auto x = fit(minified(schema).size() - 1);
  CHECK(x.json == without_texts);
  CHECK(x.left_out == "descriptions of optional properties");
}

TEST_CASE("then go properties that need not be given, as few as must, the last ones first") {
  auto x = fit(without_texts.size() - 1);
  CHECK(x.left_out == "1 optional property");
  CHECK(rpc::member(rpc::member(x.json, "properties"), "description") == R"({"type":"string"})");
  CHECK(rpc::member(rpc::member(x.json, "properties"), "mode").empty());
  CHECK(rpc::member(rpc::member(x.json, "properties"), "path") == R"({"type":"string","description":"Where"})");
  CHECK_FALSE(rpc::member(x.json, "$defs").empty());
}

TEST_CASE("what is left in the end are required properties and their types") {
  auto x = fit(types.size());
  CHECK(x.json == types);
  CHECK(x.left_out == "all but the required properties and their types, so 2 optional properties");
  CHECK_FALSE(fit_schema(schema, types.size() - 1, schema_cut::all_but_types));
}

TEST_CASE("no step is taken that is not allowed, and each room is kept") {
  CHECK_FALSE(fit_schema(schema, minified(schema).size() - 1, schema_cut::nothing));
  CHECK_FALSE(fit_schema(schema, without_texts.size() - 1, schema_cut::optional_texts));
  CHECK_FALSE(fit_schema(schema, types.size(), schema_cut::optional_properties));
  for (auto room = types.size(); room < minified(schema).size(); ++room) {
    auto x = fit(room);
    CAPTURE(room);
    CHECK(x.json.size() <= room);
    CHECK_FALSE(rpc::check_json(x.json).has_value());
    for (auto name : {"path", "owner", "tags"})
      CHECK_FALSE(rpc::member(rpc::member(x.json, "properties"), name).empty());
  }
}

TEST_CASE("a reference in a circle ends") {
  constexpr std::string_view circle
    = R"({"properties":{"a":{"$ref":"#/$defs/a"}},"required":["a"],"$defs":{"a":{"$ref":"#/$defs/a"}}})";
  CHECK(fit_schema(circle, circle.size() - 1, schema_cut::all_but_types)->json
        == R"({"type":"object","properties":{"a":{}},"required":["a"]})");
}

TEST_CASE("white space goes, but not from strings") {
  CHECK(minified("{ \"a b\" :\n[ 1 ,\t\"x \\\" y\" ] }") == R"({"a b":[1,"x \" y"]})");
  CHECK(minified("\"open") == "\"open");
  CHECK(minified("\"\\") == "\"\\");
}

TEST_SUITE_END();
