#include "actors/slm/slm_plugin.hpp"

#include "actors/slm/memory_desk.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/actors/slm/fake_daemon.hpp"
#include "tests/support/stage.hpp"

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("slm plugin");

namespace {

struct plugin_stage : stage {
  std::shared_ptr<daemon_record> record = std::make_shared<daemon_record>();
  std::shared_ptr<owner_record> heard = std::make_shared<owner_record>();
  std::shared_ptr<plugin_gauge> gauge = std::make_shared<plugin_gauge>();
  std::shared_ptr<memory_port> port = std::make_shared<memory_port>();
  slm_daemon_actor daemon = system.spawn(fake_daemon, record);
  plugin_owner owner = system.spawn(fake_owner, heard);
  memory_desk_actor desk = system.spawn(memory_desk);
  slm_plugin_actor plugin{};

  void start(std::string settings = {}) {
    plugin = system.spawn(slm_plugin, memory_plugin_settings{"slm", 3, owner, gauge, daemon, desk, port, json_text{std::move(settings)}});
    settle();
  }

  ~plugin_stage() {
    for (auto& x : {caf::actor_cast<caf::actor>(plugin), caf::actor_cast<caf::actor>(desk), caf::actor_cast<caf::actor>(owner),
                    caf::actor_cast<caf::actor>(daemon)})
      if (x)
        self->send_exit(x, caf::exit_reason::kill);
    settle();
  }

  void become(slm_state x) {
    self->send(plugin, slm_changed{std::move(x)});
    settle();
  }

  void end_calls(std::vector<call_record> records) {
    auto news = std::make_shared<const std::vector<call_record>>(std::move(records));
    REQUIRE(gauge->enter(news->size(), weight_of(*news)));
    self->send(plugin, calls_ended{news});
    settle();
  }

  void end_session(std::string session) {
    plugin_event::session_ended what;
    what.session = std::move(session);
    what.age = 5s;
    REQUIRE(gauge->enter(1, plugin_gauge::news_bytes));
    self->send(plugin, plugin_news{std::make_shared<const plugin_event>(plugin_event{{}, std::move(what)})});
    settle();
  }

  size_t events() const {
    return record->count("/api/v3/tool-event");
  }
};

} // namespace

TEST_CASE_FIXTURE(plugin_stage, "it says what it is, and how the daemon is") {
  start();
  REQUIRE(heard->ready.size() == 1);
  CHECK(heard->ready[0].name == "slm");
  CHECK(heard->ready[0].run == 3);
  CHECK_FALSE(heard->ready[0].hooks.has(plugin_hook::before_call));
  CHECK_FALSE(rpc::check_json(heard->ready[0].settings_schema.view()));
  REQUIRE(record->watchers.size() == 1);
  become(away());
  CHECK(heard->state() == "away: http://127.0.0.1:8765 refused the connection");
  CHECK_FALSE(port->wanted);
  become(present());
  CHECK(heard->state() == "connected (v4.1.18, mode a, 7 facts, profile default)");
  CHECK_FALSE(rpc::check_json(heard->told.back().facts.view()));
  CHECK(port->wanted);
}

TEST_CASE_FIXTURE(plugin_stage, "calls are told one after the other, and can wait for others") {
  start();
  become(present());
  record->silent = true;
  end_calls({record_of("a"), record_of("b"), record_of("a")});
  CHECK(events() == 0);
  pass(1s);
  CHECK(events() == 1);
  CHECK(record->asked.back().spare);
  record->silent = false;
  ask<slm_answer>(daemon, ask_slm{});
  CHECK(events() == 2);
  CHECK(gauge->records == 0);
  CHECK(gauge->told == 3);
}

TEST_CASE_FIXTURE(plugin_stage, "without a daemon nothing is kept, and nothing is asked") {
  start();
  become(away());
  for (auto i = 0; i < 1000; ++i)
    end_calls({record_of("t" + std::to_string(i))});
  pass(1min);
  CHECK(record->asked.empty());
  become(present());
  pass(10s);
  CHECK(events() == 0);
}

TEST_CASE_FIXTURE(plugin_stage, "what a daemon that went away has not heard is told when it is back") {
  start();
  become(present());
  record->answer = [](const slm_request&) { return slm_answer{}; };
  end_calls({record_of("a")});
  pass(1s);
  CHECK(events() == 1);
  auto gone = away();
  gone.life = 1;
  become(gone);
  end_calls({record_of("b")});
  pass(1min);
  CHECK(events() == 1);
  record->answer = [](const slm_request&) { return read_slm_answer(200, R"({"ok":true})", "", ""); };
  become(present(2));
  pass(5s);
  CHECK(events() == 3);
  CHECK(record->bodies("/api/v3/tool-event")[0] == record->bodies("/api/v3/tool-event")[1]);
}

namespace {

struct behaviour_stage : plugin_stage {
  std::vector<size_t> heard_uses;
  behaviour_actor learner = system.spawn([this](behaviour_actor::pointer) -> behaviour_actor::behavior_type {
    return {[this](const behaviour_seen& x) { heard_uses.push_back(x.uses->size()); }};
  });

  behaviour_stage() {
    record->answer = [](const slm_request& x) {
      auto has_events = x.target.starts_with("/api/behavioral");
      return read_slm_answer(200, has_events ? R"({"events":[{"tool_name":"a__b","created_at":"2026-11-22T13:39:00"}]})" : R"({"ok":true})", "", "");
    };
    self->send(desk, watch_behaviour{learner});
  }

  ~behaviour_stage() {
    self->send_exit(learner, caf::exit_reason::kill);
  }

  size_t questions() const {
    return record->count("/api/behavioral/tool-events");
  }
};

} // namespace

TEST_CASE_FIXTURE(behaviour_stage, "what the daemon saw is passed on as it comes, and again while there is use, but seldom") {
  port->behaviour_wanted = true;
  start();
  CHECK(questions() == 0);
  become(present());
  CHECK(heard_uses == std::vector<size_t>{1});
  become(present());
  end_calls({record_of("a")});
  CHECK(questions() == 1);
  pass(10min);
  CHECK(questions() == 1);
  end_calls({record_of("a")});
  CHECK(questions() == 2);
  become(away());
  pass(11min);
  end_calls({record_of("a")});
  CHECK(questions() == 2);
  become(present(2));
  CHECK(questions() == 3);
  CHECK(heard_uses.size() == 3);
}

TEST_CASE_FIXTURE(behaviour_stage, "nobody asks what the daemon saw where nothing is predicted, and an answer of no use is not passed on") {
  start();
  become(present());
  CHECK(questions() == 0);
  port->behaviour_wanted = true;
  record->answer = [](const slm_request&) { return read_slm_answer(404, "{}", "", ""); };
  become(present(2));
  CHECK(questions() == 1);
  CHECK(heard_uses.empty());
}

TEST_CASE_FIXTURE(plugin_stage, "a pause that the daemon wants is kept, and nothing is lost by it") {
  start();
  become(present());
  record->answer = [](const slm_request&) { return read_slm_answer(429, "{}", "20", ""); };
  end_calls({record_of("a")});
  pass(1s);
  CHECK(events() == 1);
  record->answer = [](const slm_request&) { return read_slm_answer(200, R"({"ok":true})", "", ""); };
  for (auto i = 0; i < 19; ++i)
    pass(1s);
  CHECK(events() == 1);
  pass(1s);
  pass(1s);
  CHECK(events() == 2);
}

TEST_CASE_FIXTURE(plugin_stage, "a daemon that refuses is not asked again at once, and the reason is shown") {
  start();
  become(present());
  record->answer = [](const slm_request&) { return read_slm_answer(403, R"({"error":"no key"})", "", ""); };
  end_calls({record_of("a"), record_of("b")});
  for (auto i = 0; i < 50; ++i)
    pass(1s);
  CHECK(events() == 1);
  CHECK(rpc::unquote(rpc::member(heard->told.back().facts.view(), "why")) == "answers 403: no key");
  for (auto i = 0; i < 15; ++i)
    pass(1s);
  CHECK(events() == 2);
}

TEST_CASE_FIXTURE(plugin_stage, "the end of a session is told, and to old releases as they know it") {
  start();
  become(present(1, "3.4.14"));
  end_calls({record_of("a")});
  end_session("s1");
  CHECK(events() == 2);
  CHECK(record->count("/session/close") == 0);
  become(present(2));
  end_calls({record_of("a", "s2")});
  end_session("s2");
  CHECK(record->bodies("/session/close") == std::vector<std::string>{R"({"session_id":"s2"})"});
}

TEST_CASE_FIXTURE(plugin_stage, "clients that begin share one search for their project, and are answered when it ends") {
  start();
  become(present());
  record->silent = true;
  auto one = begin_ask<recalled>(desk, get_recall{{}, "s1", "/srv/a", 5s});
  auto two = begin_ask<recalled>(desk, get_recall{{}, "s2", "/srv/a", 5s});
  settle();
  CHECK(record->count("/recall") == 1);
  CHECK(record->asked.back().request.target.find("q=project%20context%20%2Fsrv%2Fa") != std::string::npos);
  CHECK_FALSE(one.answered());
  record->answer = [](const slm_request&) { return read_slm_answer(200, R"({"results":[{"fact_id":"f1","content":"use Boost"}]})", "", ""); };
  ask<slm_answer>(daemon, ask_slm{});
  CHECK(one.value().text.find("[f1] use Boost") != std::string::npos);
  CHECK(two.value().text == one.value().text);
  // It is fresh for a minute.
  CHECK(ask<recalled>(desk, get_recall{{}, "s3", "/srv/a", 5s}).text == one.value().text);
  CHECK(record->count("/recall") == 1);
}

TEST_CASE_FIXTURE(plugin_stage, "who does not want to wait gets nothing, and the next one what has come meanwhile") {
  start();
  become(present());
  record->silent = true;
  auto one = begin_ask<recalled>(desk, get_recall{{}, "s1", "/srv/a", 250ms});
  pass(249ms);
  CHECK_FALSE(one.answered());
  pass(1ms);
  CHECK(one.value().text.empty());
  record->answer = [](const slm_request&) { return read_slm_answer(200, R"({"results":[{"fact_id":"f1","content":"use Boost"}]})", "", ""); };
  ask<slm_answer>(daemon, ask_slm{});
  CHECK_FALSE(ask<recalled>(desk, get_recall{{}, "s2", "/srv/a", 250ms}).text.empty());
}

TEST_CASE_FIXTURE(plugin_stage, "without plugin, without daemon, and where it is not wanted nothing is recalled") {
  CHECK(ask<recalled>(desk, get_recall{}).text.empty());
  start(R"({"recall":false})");
  CHECK(ask<recalled>(desk, get_recall{}).text.empty());
  become(present());
  CHECK(ask<recalled>(desk, get_recall{}).text.empty());
  CHECK_FALSE(port->wanted);
  CHECK(record->asked.empty());
}

TEST_CASE_FIXTURE(plugin_stage, "it ends when it has told what it knew, or soon if nobody listens") {
  start();
  become(present());
  end_calls({record_of("a")});
  self->send(plugin, stop_plugin{});
  settle();
  CHECK(events() == 1);
  CHECK(heard->stopped.size() == 1);
  CHECK_FALSE(port->wanted);
}

TEST_CASE_FIXTURE(plugin_stage, "a daemon that is frozen does not hold up the end") {
  start();
  become(present());
  record->silent = true;
  end_calls({record_of("a")});
  self->send(plugin, stop_plugin{});
  settle();
  CHECK(heard->stopped.empty());
  for (auto i = 0; i < 3; ++i)
    pass(1s);
  CHECK(heard->stopped.size() == 1);
}

TEST_SUITE_END();
