#include "actors/learning/learner.hpp"

#include "messages/rpc/json_scan.hpp"
#include "tests/support/stage.hpp"

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("learner");

namespace {

struct note_record {
  std::vector<keep_note> notes;
};

note_store_actor::behavior_type recording_store(note_store_actor::pointer, std::shared_ptr<note_record> record) {
  return {[record](const keep_note& x) { record->notes.push_back(x); }};
}

struct learner_stage : test::stage {
  std::shared_ptr<note_record> disk = std::make_shared<note_record>();
  std::shared_ptr<observer_gauge> gauge = std::make_shared<observer_gauge>();
  std::shared_ptr<habit_cell> cell = std::make_shared<habit_cell>();
  std::shared_ptr<client_context> client = std::make_shared<client_context>();
  int looked_up = 0;
  learner_actor actor;

  learner_stage() {
    client->name = "editor";
    client->project = "/home/me/crate";
    begin();
  }

  ~learner_stage() {
    end();
  }

  /// Timers hold actors until they are due.
  void end() {
    if (actor)
      self->send_exit(actor, caf::exit_reason::user_shutdown);
    actor = nullptr;
    pass(7h);
  }

  void begin(std::string kept = {}, bool enabled = true) {
    end();
    learner_settings settings;
    settings.enabled = enabled;
    settings.gauge = gauge;
    settings.habits = cell;
    settings.notes = system.spawn(recording_store, disk);
    settings.kept = std::move(kept);
    settings.kind_of = [this](const std::string&) {
      ++looked_up;
      return std::string{"rust"};
    };
    actor = system.spawn(learner, std::move(settings));
    settle();
  }

  void search(std::string request) {
    REQUIRE(gauge->enter(1, request.size()));
    self->send(actor, search_ended{std::chrono::system_clock::now(), client, nullptr, client->project, std::move(request), {{"git", "log"}}});
    settle();
  }

  void call(call_outcome outcome = call_outcome::ok) {
    call_record x;
    x.at = std::chrono::system_clock::now();
    x.client = client;
    x.server = "git";
    x.method = "tools/call";
    x.params = json_text{R"({"name":"log","arguments":{}})"};
    x.outcome = outcome;
    auto records = std::make_shared<const std::vector<call_record>>(std::vector{x});
    REQUIRE(gauge->enter(1, weight_of(*records)));
    self->send(actor, calls_ended{records});
    settle();
  }

  float known() {
    auto habits = cell->load();
    return habits ? habits->find(habit_context(habit_kind::word, "rust", "history")).weight_of(habit_tool("git", "log")) : 0;
  }

  std::string report_text(std::string what, bool act = false) {
    return ask<report>(actor, get_report{std::move(what), "", act}).text;
  }
};

} // namespace

TEST_CASE_FIXTURE(learner_stage, "what is learnt lies in the cell a second later, and nothing is left waiting") {
  search("history");
  call();
  pass(1s);
  CHECK(known() == doctest::Approx(1));
  CHECK(cell->load()->kind_of("/home/me/crate") == "rust");
  CHECK(gauge->records == 0);
  CHECK(gauge->bytes == 0);
}

TEST_CASE_FIXTURE(learner_stage, "calls that were refused or taken back teach nothing") {
  search("history");
  call(call_outcome::denied);
  call(call_outcome::cancelled);
  pass(1s);
  CHECK(known() == 0);
  CHECK(rpc::member(report_text("learn"), "calls") == "0");
}

TEST_CASE_FIXTURE(learner_stage, "a folder is looked at once in ten minutes") {
  search("a");
  search("b");
  call();
  CHECK(looked_up == 1);
  pass(11min);
  search("c");
  CHECK(looked_up == 2);
}

TEST_CASE_FIXTURE(learner_stage, "it is written to disk once a minute, and when the hub ends") {
  search("history");
  pass(1s);
  CHECK(disk->notes.empty());
  pass(60s);
  call();
  pass(1s);
  REQUIRE(disk->notes.size() == 1);
  search("history");
  ask<records_settled>(actor, settle_records{});
  REQUIRE(disk->notes.size() == 2);
  CHECK(disk->notes[1].name == "habits");
  ask<records_settled>(actor, settle_records{});
  CHECK(disk->notes.size() == 2);
  cell->store(nullptr);
  begin(disk->notes[1].payload);
  CHECK(known() == doctest::Approx(1));
}

TEST_CASE_FIXTURE(learner_stage, "it shows what it knows and forgets it when told to, on disk too") {
  search("history");
  call();
  auto shown = report_text("learn");
  CHECK_FALSE(rpc::check_json(shown));
  CHECK(rpc::member(shown, "learning") == "\"on\"");
  CHECK(rpc::member(shown, "led") == "1");
  CHECK(shown.find(R"({"after":"word","of":"history","project":"rust","tools":[{"server":"git","tool":"log","weight":1.00}]})") != std::string::npos);
  CHECK(rpc::member(report_text("learn/reset", true), "forgotten") == "5");
  CHECK(known() == 0);
  REQUIRE_FALSE(disk->notes.empty());
  CHECK(disk->notes.back().payload.empty());
  CHECK(rpc::member(report_text("learn"), "searches") == "0");
  CHECK(ask<report>(actor, get_report{"learn/reset", "", false}).status == 404);
}

TEST_CASE_FIXTURE(learner_stage, "switched off it leaves nothing for searches, and what was learnt can still be forgotten") {
  search("history");
  call();
  ask<records_settled>(actor, settle_records{});
  cell->store(nullptr);
  begin(disk->notes.back().payload, false);
  pass(1h);
  CHECK_FALSE(cell->load());
  CHECK(rpc::member(report_text("learn"), "learning") == "\"off\"");
  CHECK(rpc::member(report_text("learn"), "contexts") == "5");
  report_text("learn/reset", true);
  CHECK(disk->notes.back().payload.empty());
}

TEST_SUITE_END();
