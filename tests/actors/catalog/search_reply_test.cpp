#include "actors/catalog/search_reply.hpp"

#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>

using namespace hub;

TEST_SUITE_BEGIN("search reply");

namespace {

constexpr std::string_view schema = R"({
  "type": "object",
  "properties": {"path": {"type": "string", "description": "a \"path\" "}, "depth": {"type": "integer"}},
  "required": ["path"]
})";

/// Eight tools with a schema of about 130 bytes each.
struct eight_tools {
  std::vector<found_tool> tools{
    8, {"files__read", "read", "files", "Read a file. It may be large, and of any kind.", schema}};

  search_request request = std::get<search_request>(read_search_request(R"({"query":"Read ÄÖ"})", 800));

  std::string reply(size_t total = 8) const {
    return compose_search_reply(request, {total, tools, {}, {}});
  }

  static std::vector<std::string> entries(std::string_view reply) {
    std::vector<std::string> result;
    rpc::for_each_element(rpc::member(reply, "tools"), [&](std::string_view x) {
      result.emplace_back(x);
      return true;
    });
    return result;
  }

  static bool has(std::string_view entry, std::string_view key) {
    return !rpc::member(entry, key).empty();
  }
};

} // namespace

TEST_CASE_FIXTURE(eight_tools, "a reply is compact JSON with the reference's keys") {
  tools.resize(1);
  auto text = reply(1);
  CHECK_FALSE(rpc::check_json(text).has_value());
  CHECK(text
        == R"({"found":1,"query":"read äö","tools":[{"tool":"files__read","server":"files",)"
           R"("description":"Read a file. It may be large, and of any kind.","inputSchema":{"type":"object",)"
           R"("properties":{"path":{"type":"string","description":"a \"path\" "},"depth":{"type":"integer"}},)"
           R"("required":["path"]}}]})");
}

TEST_CASE_FIXTURE(eight_tools, "schemas fill the budget and the rest is signatures") {
  request.budget_tokens = 400;
  auto text = reply();
  CHECK_FALSE(rpc::check_json(text).has_value());
  CHECK(text.size() <= 1600);
  auto list = entries(text);
  REQUIRE(list.size() == 8);
  CHECK(has(list[0], "inputSchema"));
  CHECK(has(list[7], "signature"));
  CHECK(rpc::member(list[7], "signature") == R"("read(path: string, depth?: integer): Read a file.")");
  CHECK(text.find("detail:") != std::string::npos);
}

TEST_CASE_FIXTURE(eight_tools, "the whole reply stays within any budget that one tool fits in") {
  for (size_t budget = 150; budget < 1500; budget += 7) {
    request.budget_tokens = budget;
    CAPTURE(budget);
    CHECK(reply(4711).size() <= budget * 4);
  }
}

TEST_CASE_FIXTURE(eight_tools, "a best tool whose schema is too large has a part of it, and the others are there") {
  std::string large = R"({"type":"object","properties":{"path":{"type":"string"})";
  for (int i = 0; i < 200; ++i)
    large += R"(,"option)" + std::to_string(i) + R"(":{"type":"string","description":"What is said of it"})";
  large += R"(},"required":["path"]})";
  tools[0].input_schema = large;
  auto text = reply();
  CHECK(text.size() <= 3200);
  auto list = entries(text);
  REQUIRE(list.size() == 8);
  CHECK_FALSE(rpc::check_json(text).has_value());
  CHECK(rpc::member(rpc::member(rpc::member(list[0], "inputSchema"), "properties"), "path") == R"({"type":"string"})");
  CHECK(rpc::member(list[0], "left_out").ends_with(" optional properties\""));
  CHECK(text.find("limit:1") != std::string::npos);
  request.detail = search_detail::schema;
  request.budget_tokens = 0;
  CHECK(rpc::member(entries(reply())[0], "inputSchema") == large);
}

TEST_CASE_FIXTURE(eight_tools, "no schema, description or query brings a reply over its budget") {
  std::string required;
  for (int i = 0; i < 300; ++i)
    required += (i == 0 ? "\"" : ",\"") + ("parameter" + std::to_string(i)) + '"';
  std::string properties = required;
  for (size_t at = 0; (at = properties.find("\",", at)) != std::string::npos; at += 5)
    properties.replace(at, 2, "\":{},");
  auto hopeless = R"({"type":"object","properties":{)" + properties + R"(:{}},"required":[)" + required + "]}";
  auto wordy = R"({"type":"object","description":")" + std::string(20'000, 'x') + R"("})";
  std::string words(20'000, 'y');
  for (std::string_view schema : {std::string_view{hopeless}, std::string_view{wordy}})
    for (std::string_view description : {std::string_view{"Reads."}, std::string_view{words}})
      for (std::string_view query : {std::string_view{"read"}, std::string_view{words}})
        for (size_t budget : {150U, 200U, 400U, 800U}) {
          tools[0].input_schema = schema;
          tools[0].description = description;
          request.query = query;
          request.budget_tokens = budget;
          CAPTURE(budget);
          auto text = reply(4711);
          CHECK(text.size() <= budget * 4);
          CHECK_FALSE(rpc::check_json(text).has_value());
          CHECK_FALSE(entries(text).empty());
        }
}

TEST_CASE_FIXTURE(eight_tools, "a large schema does not keep smaller ones behind it out") {
  auto large = R"({"type":"object","description":")" + std::string(20'000, 'x') + R"("})";
  tools[1].input_schema = large;
  auto list = entries(reply());
  CHECK(has(list[0], "inputSchema"));
  CHECK_FALSE(has(list[1], "inputSchema"));
  CHECK(has(list[2], "inputSchema"));
}

TEST_CASE_FIXTURE(eight_tools, "the request chooses how much is said") {
  request.detail = search_detail::names;
  for (auto& x : entries(reply()))
    CHECK(x == R"({"tool":"files__read","server":"files"})");
  request.detail = search_detail::signature;
  for (auto& x : entries(reply())) {
    CHECK(has(x, "signature"));
    CHECK_FALSE(has(x, "inputSchema"));
  }
  request.detail = search_detail::schema;
  request.budget_tokens = 0;
  for (auto& x : entries(reply()))
    CHECK(has(x, "inputSchema"));
  CHECK(rpc::member(reply(), "more").empty());
}

TEST_CASE_FIXTURE(eight_tools, "what is left out is counted") {
  auto text = reply(20);
  CHECK(rpc::member(text, "found") == "20");
  CHECK(text.find("12 more match") != std::string::npos);
  request.budget_tokens = 60;
  CHECK(entries(reply(20)).size() < 8);
}

TEST_CASE("finding nothing says what to do") {
  search_request request;
  request.query = "Zzz";
  auto text = compose_search_reply(request, {0, {}, "Try other words.", {"github", "mail"}});
  CHECK(text == R"({"found":0,"query":"zzz","tools":[],"nearest_servers":["github","mail"],"hint":"Try other words."})");
}

TEST_CASE("a tool without a schema takes any object") {
  found_tool tool{"a__b", "b", "a", "", ""};
  auto text = compose_search_reply({}, {1, {&tool, 1}, {}, {}});
  CHECK(text.find(R"("inputSchema":{"type":"object"})") != std::string::npos);
}
