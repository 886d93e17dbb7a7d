#include "actors/session/tool_choice.hpp"

#include "actors/learning/habit_model.hpp"
#include "tests/actors/session/door_snapshot.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("tool_choice");

namespace {

using names = std::vector<std::string>;

const habit_model::time_point start{1'000'000h};

known_server with_tools(const std::string& server, const names& tools) {
  offer x;
  for (auto& tool : tools)
    x.tools.push_back(R"({"name":")" + tool + R"("})");
  return make_server(server, make_catalogue(server, x));
}

names named(const catalog_snapshot& snapshot, const std::vector<tool_ref>& tools) {
  names result;
  for (auto ref : tools)
    result.push_back(snapshot.servers()[ref.server].name + "/" + rpc::unquote(at(snapshot.tool(ref).view(), "name")).value_or(""));
  return result;
}

std::shared_ptr<const habit_table> used(const names& tools) {
  habit_model model;
  for (auto& tool : tools)
    model.called("s", "rust", "editor", {"b", tool}, true, start);
  return model.table({}, start);
}

} // namespace

TEST_CASE("of what nobody has used yet there is some of everything, in the order of the catalogue") {
  catalog_snapshot snapshot{{with_tools("a", {"a1", "a2", "a3"}), with_tools("b", {"b1", "b2"})}};
  CHECK(named(snapshot, tool_choice{}.of(snapshot, 3, nullptr, "", "")) == names{"a/a1", "a/a2", "b/b1"});
  CHECK(tool_choice{}.of(snapshot, 9, nullptr, "", "").size() == 5);
}

TEST_CASE("what is used most is chosen, and the choice stays whatever is learnt") {
  catalog_snapshot snapshot{{with_tools("a", {"a1", "a2"}), with_tools("b", {"b1", "b2", "b3"})}};
  tool_choice choice;
  CHECK(named(snapshot, choice.of(snapshot, 2, used({"b3", "b2"}).get(), "rust", "editor")) == names{"b/b2", "b/b3"});
  CHECK(named(snapshot, choice.of(snapshot, 2, used({"b1", "b1"}).get(), "rust", "editor")) == names{"b/b2", "b/b3"});
}

TEST_CASE("only tools that are gone are replaced") {
  catalog_snapshot before{{with_tools("a", {"a1"}), with_tools("b", {"b1", "b2", "b3"})}};
  tool_choice choice;
  choice.of(before, 2, used({"b3", "b2"}).get(), "", "");
  catalog_snapshot after{{with_tools("a", {"a1"}), with_tools("b", {"b1", "b3"})}};
  CHECK(named(after, choice.of(after, 2, used({"b1"}).get(), "", "")) == names{"b/b1", "b/b3"});
  CHECK(named(before, choice.of(before, 2, used({"b2"}).get(), "", "")) == names{"b/b1", "b/b3"});
}

TEST_CASE("a session keeps its choice, stateless clients for half a day, and there is a bound") {
  catalog_snapshot snapshot{{with_tools("b", {"b1", "b2"})}};
  tool_choices choices;
  tool_choices::time_point now{};
  auto chosen = [&](uint64_t user, const char* tool) {
    return named(snapshot, choices.of(user, now).of(snapshot, 1, used({tool}).get(), "", ""));
  };
  CHECK(chosen(0, "b2") == names{"b/b2"});
  CHECK(chosen(1, "b2") == names{"b/b2"});
  now += 13h;
  CHECK(chosen(0, "b1") == names{"b/b2"});
  CHECK(chosen(1, "b1") == names{"b/b1"});
  for (uint64_t user = 2; user < 200; ++user) {
    now += 1s;
    chosen(user, "b2");
  }
  CHECK(chosen(1, "b2") == names{"b/b2"});
}

TEST_SUITE_END();
