#include "actors/catalog/tool_names.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace hub;

TEST_SUITE_BEGIN("tool names");

namespace {

using names = std::vector<std::string>;
using kind = resolved_name::kind;

bool is_valid(std::string_view name) {
  return !name.empty() && name.size() <= exposed_name_limit && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  });
}

/// Servers with names and tools as they are found in the wild.
struct odd_servers {
  names servers{"github", "file.system", "a", "a__b", "hub", "搜索", "mem-ory"};

  std::vector<listed_tool> tools{
    {0, "create_issue"}, {0, "search"}, {1, "read_file"},  {1, "search"},      {2, "b__c"},
    {3, "c"},            {4, "echo"},   {4, "call_tool"},  {5, "bing_search"}, {6, "store.item"},
    {6, "store_item"},   {6, "查找"},   {0, "create_issue"}};

  name_table table{servers, tools};
};

} // namespace

TEST_CASE("a server prefix keeps case and replaces all but letters and digits") {
  CHECK(server_ids(names{"GitHub", "file.system", "mem-ory", "a b"}) == names{"GitHub", "file_system", "mem_ory", "a_b"});
  CHECK(server_ids(names{"搜索", "été"}) == names{"__", "_t_"});
  CHECK(server_ids(names{""}) == names{"server"});
}

TEST_CASE("equal server prefixes are numbered in the order of the configuration") {
  CHECK(server_ids(names{"a.b", "a-b", "a_b", "a_b_2"}) == names{"a_b", "a_b_2", "a_b_3", "a_b_2_2"});
}

TEST_CASE("no server prefix reads like the hub's own") {
  for (auto name : {"hub", "hub_", "hub__x", "HUB", "hub.-"}) {
    CAPTURE(name);
    auto id = server_ids(names{name})[0];
    std::transform(id.begin(), id.end(), id.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    CHECK_FALSE((id + "__").starts_with("hub__"));
  }
  CHECK(server_ids(names{"hub", "hub_2"}) == names{"hub_2", "hub_2_2"});
  CHECK(server_ids(names{"hubble"}) == names{"hubble"});
}

TEST_CASE_FIXTURE(odd_servers, "every exposed name is valid, unique and leads back to its tool") {
  std::set<std::string> seen;
  for (auto& tool : tools) {
    auto exposed = table.exposed_name(tool.server, tool.name);
    CAPTURE(exposed);
    CHECK(is_valid(exposed));
    CHECK_FALSE(exposed.starts_with("hub__"));
    seen.insert(exposed);
    auto back = table.resolve(exposed);
    CHECK(back.how == kind::exact);
    CHECK(back.server == tool.server);
    CHECK(back.tool == tool.name);
  }
  CHECK(seen.size() == tools.size() - 1);
}

TEST_CASE_FIXTURE(odd_servers, "plain names are exposed as they are") {
  CHECK(table.exposed_name(0, "create_issue") == "github__create_issue");
  CHECK(table.exposed_name(1, "read_file") == "file_system__read_file");
  CHECK(table.exposed_name(3, "c") == "a__b__c");
  CHECK(table.exposed_name(4, "echo") == "hub_2__echo");
}

TEST_CASE_FIXTURE(odd_servers, "a tool never has the name of another server's tool") {
  CHECK(table.resolve("a__b__c").server == 3);
  CHECK(table.exposed_name(2, "b__c") != "a__b__c");
}

TEST_CASE("long names get a short form that depends on nothing else") {
  names servers{"s", std::string(80, 'x')};
  auto name = std::string(200, 't');
  std::vector<listed_tool> tools{{0, name}, {1, "run"}, {1, "stop"}};
  name_table table{servers, tools};
  auto exposed = table.exposed_name(0, name);
  CHECK(exposed.size() == exposed_name_limit);
  CHECK(exposed.starts_with("s__ttt"));
  CHECK(exposed == name_table{servers, {}}.exposed_name(0, name));
  CHECK(table.resolve(exposed).tool == name);
  auto run = table.exposed_name(1, "run");
  CHECK(is_valid(run));
  CHECK(run.find("run") != std::string::npos);
  CHECK(run != table.exposed_name(1, "stop"));
  CHECK(table.resolve(run).tool == "run");
}

TEST_CASE("a name of 64 characters fits and one of 65 does not") {
  names servers{"s"};
  name_table table{servers, {}};
  CHECK(table.exposed_name(0, std::string(61, 't')) == "s__" + std::string(61, 't'));
  CHECK(table.exposed_name(0, std::string(62, 't')) != "s__" + std::string(62, 't'));
  CHECK(is_valid(table.exposed_name(0, std::string(62, 't'))));
  CHECK(is_valid(table.exposed_name(0, "")));
}

TEST_CASE_FIXTURE(odd_servers, "names that models write slightly wrong are understood") {
  for (auto written : {"file.system__read_file", "file.system.read_file", "file.system/read_file", "file_system.read_file",
                       "File_System__Read_File", "read_file", "mcp__slm-hub__file_system__read_file"}) {
    CAPTURE(written);
    auto found = table.resolve(written);
    CHECK(found.how == kind::forgiven);
    CHECK(found.server == 1);
    CHECK(found.tool == "read_file");
  }
  CHECK(table.resolve("mem-ory__store_item").tool == "store_item");
}

TEST_CASE_FIXTURE(odd_servers, "a bare name that several servers have is not guessed") {
  auto found = table.resolve("search");
  CHECK(found.how == kind::unknown);
  CHECK(found.did_you_mean.size() <= 5);
  CHECK(std::count(found.did_you_mean.begin(), found.did_you_mean.end(), "github__search") == 1);
  CHECK(std::count(found.did_you_mean.begin(), found.did_you_mean.end(), "file_system__search") == 1);
}

TEST_CASE_FIXTURE(odd_servers, "a tool that a known server does not list may be tried") {
  auto found = table.resolve("github__new_tool");
  CHECK(found.how == kind::unlisted);
  CHECK(found.server == 0);
  CHECK(found.tool == "new_tool");
  CHECK(table.resolve("a__b__d").server == 3);
}

TEST_CASE_FIXTURE(odd_servers, "typing errors are answered with what was meant") {
  auto found = table.resolve("github__craete_isue");
  REQUIRE_FALSE(found.did_you_mean.empty());
  CHECK(found.did_you_mean[0] == "github__create_issue");
  CHECK(table.resolve("raed_file").did_you_mean.at(0) == "file_system__read_file");
}

TEST_CASE_FIXTURE(odd_servers, "the hub's own prefix is never that of a server") {
  CHECK(table.resolve("hub__echo").how == kind::forgiven);
  CHECK(table.resolve("hub__echo").tool == "echo");
  CHECK(table.resolve("hub__github__create_issue").server == 0);
  CHECK(table.resolve("hub__other").how == kind::unknown);
}

TEST_CASE_FIXTURE(odd_servers, "nonsense is unknown and harmless") {
  for (std::string_view written : {"", "__", "hub__search_tools", "hub__", "\xff\xfe", "mcp__", "mcp__x__", "qqqq zz"}) {
    CAPTURE(written);
    CHECK(table.resolve(written).how == kind::unknown);
  }
  CHECK(table.resolve(std::string(100'000, 'x')).how == kind::unknown);
  std::string prefixes;
  while (prefixes.size() < 100'000)
    prefixes += "hub__mcp__x__";
  CHECK(table.resolve(prefixes).how == kind::unknown);
  CHECK(name_table{{}, {}}.resolve("a__b").how == kind::unknown);
}
