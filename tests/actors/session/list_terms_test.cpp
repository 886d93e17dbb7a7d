#include "actors/session/list_terms.hpp"

#include "tests/actors/session/door_snapshot.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("list terms");

namespace {

constexpr std::chrono::steady_clock::time_point start{1h};

/// A server that says of its tools how long they hold and for whom.
known_server server_with(const std::string& name, std::optional<std::chrono::milliseconds> ttl, bool is_public) {
  auto catalogue = std::make_shared<server_catalogue>(*make_catalogue(name, note_offer));
  auto freshness = std::make_shared<list_freshness>();
  if (ttl)
    freshness->set(list_kind::tools, start + *ttl);
  catalogue->freshness = freshness;
  catalogue->is_public[0] = is_public;
  return make_server(name, catalogue);
}

} // namespace

TEST_CASE("a list of one server holds for what is left of its time") {
  auto server = server_with("a", 10s, true);
  CHECK(terms_of(server, list_kind::tools, start + 4s).ttl == 6s);
  CHECK(terms_of(server, list_kind::tools, start + 4s).is_public);
  CHECK(terms_of(server, list_kind::tools, start + 11s).ttl == 0s);
  CHECK(terms_of(server, list_kind::prompts, start).ttl == 0s);
  CHECK_FALSE(terms_of(server, list_kind::prompts, start).is_public);
  CHECK(terms_of(make_server("new"), list_kind::tools, start).ttl == 0s);
}

TEST_CASE("a list of all servers holds as long as its shortest part, and for everybody only if all parts do") {
  auto terms = [](std::vector<known_server> servers) {
    return terms_of_all(catalog_snapshot{std::move(servers)}, list_kind::tools, start);
  };
  auto both = terms({server_with("a", 30s, true), server_with("b", 20s, true)});
  CHECK(both.ttl == 20s);
  CHECK(both.is_public);
  CHECK_FALSE(terms({server_with("a", 30s, true), server_with("b", 20s, false)}).is_public);
  CHECK(terms({server_with("a", 1h, true)}).ttl == own_list_ttl);
  CHECK(terms({server_with("a", 30s, true), server_with("b", std::nullopt, true)}).ttl == 0s);
  CHECK(terms({server_with("a", 30s, true), make_server("new")}).ttl == 0s);
}

TEST_CASE("what a list does not show does not shorten its time") {
  auto disabled = server_with("b", 1s, false);
  disabled.enabled = false;
  auto stranger = server_with("c", 1s, false);
  stranger.member = false;
  auto without = make_catalogue("d", {{}, {}, {}, {}, R"({"prompts":{}})"});
  catalog_snapshot snapshot{{server_with("a", 30s, true), disabled, stranger, make_server("d", without)}};
  auto terms = terms_of_all(snapshot, list_kind::tools, start);
  CHECK(terms.ttl == 30s);
  CHECK(terms.is_public);
  CHECK(terms_of_all(snapshot, list_kind::prompts, start).ttl == 0s);
}

TEST_CASE("due are lists whose servers gave them a time that is over") {
  catalog_snapshot snapshot{{server_with("a", 10s, true), server_with("b", 0s, true), server_with("c", std::nullopt, true),
                             make_server("new")}};
  using names = std::vector<std::string>;
  CHECK(find_due(snapshot, "", list_kind::tools, start) == names{"b"});
  CHECK(find_due(snapshot, "", list_kind::tools, start + 10s) == names{"a", "b"});
  CHECK(find_due(snapshot, "a", list_kind::tools, start + 10s) == names{"a"});
  CHECK(find_due(snapshot, "", list_kind::prompts, start + 10s).empty());
}

TEST_CASE("a list says its terms first and keeps the rest as it is") {
  rpc_answer list;
  list.body = json_text{R"( { "tools":[{"name":"a"}]})"};
  auto told = with_terms(list, {1500ms, true});
  CHECK(told.body.view() == R"({"resultType":"complete","ttlMs":1500,"cacheScope":"public", "tools":[{"name":"a"}]})");
  CHECK(told.stateless_form);
  list.body = json_text{"{}"};
  CHECK(with_terms(list, {}).body.view() == R"({"resultType":"complete","ttlMs":0,"cacheScope":"private"})");
}

TEST_SUITE_END();
