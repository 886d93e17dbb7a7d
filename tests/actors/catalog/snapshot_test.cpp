#include "actors/catalog/snapshot.hpp"

#include "tests/actors/session/door_snapshot.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("snapshot");

namespace {

std::string where(const catalog_snapshot& snapshot, std::string_view uri) {
  auto x = snapshot.resolve_uri(uri);
  return x ? snapshot.servers()[x->server].name + " " + x->name : "nowhere";
}

} // namespace

TEST_CASE("a server is found by its configured name and by the prefix of its tools") {
  catalog_snapshot snapshot{three_servers()};
  CHECK(snapshot.find_server("git hub") == 0);
  CHECK(snapshot.find_server("git_hub") == 0);
  CHECK(snapshot.find_server("new") == 2);
  CHECK_FALSE(snapshot.find_server("nobody").has_value());
}

TEST_CASE("a configured name goes before another server's prefix") {
  catalog_snapshot snapshot{{make_server("git hub"), make_server("git_hub")}};
  CHECK(snapshot.servers()[0].id == "git_hub");
  CHECK(snapshot.servers()[1].id == "git_hub_2");
  CHECK(snapshot.find_server("git_hub") == 1);
  CHECK(snapshot.find_server("git_hub_2") == 1);
}

TEST_CASE("a federated URI leads back to where it came from, whatever is in it") {
  catalog_snapshot snapshot{three_servers()};
  for (std::string uri : {"file:///readme", "x", "hub:notes/y", "https://a.b/c?d=e#f", "note://ä/%20"}) {
    auto exposed = snapshot.exposed_uri(0, uri);
    CHECK(exposed == "hub:git_hub/" + uri);
    CHECK(where(snapshot, exposed) == "git hub " + uri);
  }
  CHECK(where(snapshot, "hub:nobody/x") == "nowhere");
  CHECK(where(snapshot, "hub:notes") == "nowhere");
}

TEST_CASE("an original URI is resolved by lists first and templates then, if one server alone fits") {
  catalog_snapshot snapshot{three_servers()};
  CHECK(where(snapshot, "file:///readme") == "git hub file:///readme");
  CHECK(where(snapshot, "git://any/head") == "git hub git://any/head");
  CHECK(where(snapshot, "file:///both") == "nowhere");
  CHECK(where(snapshot, "file:///other") == "nowhere");
}

TEST_CASE("the longest literal start of a template wins") {
  offer wide;
  wide.templates = {R"({"uriTemplate":"db://{table}"})"};
  offer narrow;
  narrow.templates = {R"({"uriTemplate":"db://users/{id}"})"};
  catalog_snapshot snapshot{{make_server("wide", make_catalogue("wide", wide)),
                             make_server("narrow", make_catalogue("narrow", narrow))}};
  CHECK(where(snapshot, "db://users/7") == "narrow db://users/7");
  CHECK(where(snapshot, "db://orders/7") == "wide db://orders/7");
}

TEST_CASE("a server that is disabled offers nothing, and the names of others do not change") {
  auto servers = three_servers();
  catalog_snapshot with{servers};
  servers[0].enabled = false;
  catalog_snapshot without{servers};
  CHECK(with.tools().size() == 3);
  CHECK(without.tools().size() == 1);
  CHECK(with.tool_names().exposed_name(1, "write_note") == without.tool_names().exposed_name(1, "write_note"));
  CHECK(where(without, "file:///both") == "notes file:///both");
  CHECK(where(without, "hub:git_hub/file:///readme") == "nowhere");
}

TEST_CASE("the index is there when it was built") {
  catalog_snapshot snapshot{three_servers()};
  CHECK(snapshot.index() == nullptr);
  snapshot.build_index();
  REQUIRE(snapshot.index() != nullptr);
  auto found = snapshot.index()->search("write a note", {8, ""});
  REQUIRE_FALSE(found.hits.empty());
  CHECK(snapshot.tools()[found.hits[0].tool].server == 1);
}
