#include "actors/learning/habit_model.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("habit_model");

namespace {

const habit_name issue{"git", "create_issue"};
const habit_name note{"notes", "add_note"};
const habit_model::time_point start{1'000'000h};

float weight(const habit_model& model, uint64_t context, const habit_name& tool, habit_model::time_point now = start) {
  return model.table({}, now)->find(context).weight_of(habit_tool(tool.server, tool.tool));
}

/// Searched for `bug`, shown both, called `issue`.
habit_model taught(int times, std::string_view project = "rust") {
  habit_model model;
  for (int i = 0; i < times; ++i) {
    model.searched("s", project, "report a bug", {note, issue}, start);
    model.called("s", "", "editor", issue, true, start + 1s);
  }
  return model;
}

const auto bug = habit_context(habit_kind::word, "rust", "bug");

} // namespace

TEST_CASE("what was called after a search is known for its words, in this kind of project and in all") {
  auto model = taught(3);
  CHECK(weight(model, bug, issue) == doctest::Approx(3));
  CHECK(weight(model, habit_context(habit_kind::word, "", "bug"), issue) == doctest::Approx(3));
  CHECK(weight(model, habit_context(habit_kind::word, "go", "bug"), issue) == 0);
  CHECK(weight(model, bug, note) == 0);
  CHECK(weight(model, habit_context(habit_kind::use, "rust", ""), issue) == doctest::Approx(3));
  CHECK(weight(model, habit_context(habit_kind::client, "", "editor"), issue) == doctest::Approx(3));
  CHECK(model.counted().led == 3);
}

TEST_CASE("a call tells nothing of a search that did not show the tool, is long ago, or is another session's") {
  habit_model model;
  model.searched("s", "rust", "bug", {note}, start);
  model.called("s", "", "", issue, true, start);
  model.searched("s", "rust", "bug", {issue}, start);
  model.called("s", "", "", issue, true, start + 11min);
  model.called("t", "", "", issue, true, start);
  CHECK(weight(model, bug, issue) == 0);
  CHECK(model.counted().led == 0);
}

TEST_CASE("a call belongs to the search before it, also when it is told after later ones") {
  habit_model model;
  model.searched("s", "rust", "bug", {issue}, start);
  model.searched("s", "rust", "rain", {issue}, start + 2s);
  model.called("s", "", "", issue, true, start + 1s);
  CHECK(weight(model, bug, issue) == 1);
  CHECK(weight(model, habit_context(habit_kind::word, "rust", "rain"), issue) == 0);
  model.called("s", "", "", issue, true, start + 3s);
  CHECK(weight(model, habit_context(habit_kind::word, "rust", "rain"), issue) == 1);
  CHECK(model.counted().led == 2);
}

TEST_CASE("a call that fails counts against the tool, and never below nothing") {
  auto model = taught(2);
  for (double left : {1.5, 1.0, 0.5, 0.0, 0.0}) {
    model.searched("s", "rust", "bug", {issue}, start);
    model.called("s", "", "", issue, false, start);
    CHECK(weight(model, bug, issue) == doctest::Approx(left));
  }
}

TEST_CASE("what follows what is known within ten minutes, and not across a failure") {
  habit_model model;
  model.called("s", "go", "", note, true, start);
  model.called("s", "go", "", issue, true, start + 9min);
  auto after_note = habit_next("go", habit_tool("notes", "add_note"));
  CHECK(weight(model, after_note, issue) == 1);
  model.called("s", "go", "", note, true, start + 30min);
  CHECK(weight(model, habit_next("go", habit_tool("git", "create_issue")), note) == 0);
  model.called("s", "go", "", issue, false, start + 31min);
  CHECK(weight(model, after_note, issue) == doctest::Approx(1).epsilon(.01));
}

TEST_CASE("a count halves in a month and is forgotten in the end") {
  auto model = taught(4);
  CHECK(weight(model, bug, issue, start + habit_model::half_life) == doctest::Approx(2).epsilon(.01));
  CHECK(weight(model, bug, issue, start + 6 * habit_model::half_life) == 0);
}

TEST_CASE("a new habit takes over from one that was strong") {
  auto model = taught(500);
  CHECK(weight(model, bug, issue) <= habit_model::most_weight + 1);
  for (int i = 0; i < 100; ++i) {
    model.searched("s", "rust", "bug", {note, issue}, start);
    model.called("s", "", "", note, true, start);
  }
  CHECK(weight(model, bug, note) > weight(model, bug, issue));
}

TEST_CASE("nothing that clients do makes it grow without bound") {
  habit_model model;
  for (int i = 0; i < 20'000; ++i) {
    auto text = std::to_string(i);
    model.searched("s" + text, "rust", "word" + text, {issue}, start);
    model.called("s" + text, "", "client" + text, {"git", "tool" + text}, true, start);
    model.called("s" + text, "", "", issue, true, start);
  }
  CHECK(model.size() <= habit_model::most_contexts);
  for (auto& x : model.contexts(start))
    CHECK(x.tools.size() <= habit_model::most_used_tools);
  habit_model tall;
  tall.called("s", "", "", {"git", std::string(10'000, 'x')}, true, start);
  tall.searched("s", "", std::string(100'000, 'y'), {issue}, start);
  tall.called("s", "", "", issue, true, start);
  CHECK(tall.write(start).size() < 1'000);
}

TEST_CASE("it survives as text, and other text is an empty one") {
  auto model = taught(3);
  model.called("s", "rust", "editor", note, true, start);
  auto read = habit_model::read(model.write(start));
  CHECK(read.write(start) == model.write(start));
  CHECK(weight(read, bug, issue) == doctest::Approx(3));
  CHECK(weight(read, habit_next("rust", habit_tool("git", "create_issue")), note) == 1);
  CHECK(read.counted().calls == 4);
  for (auto* text : {"", "{", "[]", R"({"version":2})", R"({"version":1,"contexts":[["w","","a","s"],[1],["x","","a","s","t",1],["w","","a","s","t",-4],["w","","a","s","t",1e9]]})"})
    CHECK(habit_model::read(text).size() == 0);
}

TEST_SUITE_END();
