#include "actors/plugin/plugin_host.hpp"

#include "messages/rpc/json_scan.hpp"
#include "tests/support/stage.hpp"

#include <caf/stateful_actor.hpp>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("plugin host");

namespace {

/// A run of a plugin that writes down what it is told.
struct fake_run {
  std::string name;
  uint64_t number = 0;
  plugin_owner owner;
  plugin_actor actor;
  std::shared_ptr<plugin_gauge> gauge;
  std::string settings;
  std::vector<plugin_hook> heard;
  size_t calls = 0;
  int stops = 0;
  bool gone = false;
};

struct fake_run_state {
  std::shared_ptr<fake_run> run;

  ~fake_run_state() {
    if (run)
      run->gone = true;
  }
};

plugin_actor::behavior_type fake_plugin(plugin_actor::stateful_pointer<fake_run_state> self, std::shared_ptr<fake_run> run) {
  self->state.run = run;
  return {
    [run](const plugin_news& x) {
      run->heard.push_back(x.event->hook());
      // One that wants to know more does not take it off its gauge.
      if (run->settings != "slow")
        run->gauge->leave(1, plugin_gauge::news_bytes);
    },
    [run](const calls_ended& x) { run->calls += x.records->size(); },
    [](const before_call&) { return call_verdict{}; },
    [run](stop_plugin) { ++run->stops; },
  };
}

struct path_state {
  static constexpr const char* name = "path";
};

guarded_actor::behavior_type fake_path(guarded_actor::stateful_pointer<path_state>, std::shared_ptr<call_guards> present) {
  return {[present](const guards_changed& x) { *present = x.guards; }};
}

struct host_stage : test::stage {
  plugin_host_settings settings;
  plugin_host_actor host;
  std::vector<std::shared_ptr<fake_run>> runs;
  std::shared_ptr<call_guards> guards = std::make_shared<call_guards>();
  guarded_actor path = system.spawn(fake_path, guards);

  host_stage() {
    settings.gauge = std::make_shared<observer_gauge>();
    settings.port = std::make_shared<plugin_port>();
    settings.make_program = [this](caf::actor_system& sys, const plugin_order& order) {
      auto run = std::make_shared<fake_run>();
      run->name = order.plugin.name;
      run->number = order.run;
      run->owner = order.owner;
      run->gauge = order.gauge;
      run->settings = order.plugin.settings.view();
      run->actor = sys.spawn(fake_plugin, run);
      runs.push_back(run);
      return run->actor;
    };
    host = system.spawn(plugin_host, settings);
    settings.port->to = caf::actor_cast<plugin_news_actor>(host);
    self->send(host, meet_guarded{path});
  }

  ~host_stage() {
    caf::anon_send_exit(host, caf::exit_reason::kill);
    caf::anon_send_exit(path, caf::exit_reason::kill);
    settle();
    for (auto& run : runs) {
      CHECK(run->gone);
      run->actor = plugin_actor{};
      run->owner = plugin_owner{};
    }
    settings.port->to = plugin_news_actor{};
  }

  static plugin_description about(std::string name, std::string settings = {}) {
    plugin_description result;
    result.name = std::move(name);
    result.program = "/p/" + result.name;
    result.settings = json_text{std::move(settings)};
    return result;
  }

  void configure(std::vector<plugin_description> plugins) {
    self->send(host, configure_plugins{std::move(plugins), "/p"});
    settle();
  }

  fake_run& last() {
    REQUIRE_FALSE(runs.empty());
    return *runs.back();
  }

  void ready(fake_run& run, plugin_hooks hooks) {
    self->send(host, plugin_ready{run.name, run.number, "1", hooks});
    settle();
  }

  void end(fake_run& run, std::string cause = "exited with 1") {
    self->send(host, plugin_stopped{run.name, run.number, std::move(cause), ""});
    caf::anon_send_exit(run.actor, caf::exit_reason::kill);
    settle();
  }

  void tell(plugin_event::kind what) {
    tell_plugins(settings.port, std::move(what));
    settle();
  }

  std::string report() {
    return ask<hub::report>(host, get_report{"plugins"}).text;
  }

  std::string member(std::string_view key) {
    std::string result;
    auto text = report();
    rpc::for_each_element(rpc::member(text, "plugins"), [&](std::string_view x) {
      result = rpc::member(x, key);
      return false;
    });
    return result;
  }
};

} // namespace

TEST_CASE_FIXTURE(host_stage, "plugins are started, and told what they want to hear") {
  configure({about("a"), about("b")});
  REQUIRE(runs.size() == 2);
  CHECK(settings.port->wanted);
  ready(*runs[0], {plugin_hook::server_connected});
  ready(*runs[1], {plugin_hook::hub_stopping});
  tell(plugin_event::server_connected{"s"});
  CHECK(runs[0]->heard == std::vector{plugin_hook::server_connected});
  CHECK(runs[1]->heard.empty());
}

TEST_CASE_FIXTURE(host_stage, "one that has not shaken hands yet is told all, and one that comes later that the hub has started") {
  configure({about("a")});
  tell(plugin_event::server_connected{"s"});
  self->send(host, plugin_news{std::make_shared<const plugin_event>()});
  settle();
  CHECK(last().heard == std::vector{plugin_hook::server_connected, plugin_hook::hub_started});
  configure({about("a"), about("b")});
  CHECK(last().name == "b");
  CHECK(last().heard == std::vector{plugin_hook::hub_started});
}

TEST_CASE_FIXTURE(host_stage, "the call path knows who is to be asked, and until when") {
  auto x = about("a");
  x.time_limit = 70ms;
  configure({x, about("b")});
  CHECK(*guards == nullptr);
  ready(*runs[0], {plugin_hook::before_call});
  self->send(host, plugin_ready{"b", runs[1]->number, "1", {plugin_hook::before_call}, {}, 90ms});
  settle();
  REQUIRE(*guards);
  REQUIRE((*guards)->size() == 2);
  CHECK((**guards)[0].time_limit == 70ms);
  CHECK((**guards)[1].time_limit == 90ms);
  end(*runs[0]);
  end(*runs[1]);
  CHECK(*guards == nullptr);
}

TEST_CASE_FIXTURE(host_stage, "one that has to agree to calls stands in their way while it does not run") {
  auto x = about("a");
  x.denies_without_verdict = true;
  configure({x});
  REQUIRE(*guards);
  REQUIRE((*guards)->size() == 1);
  CHECK_FALSE((**guards)[0].plugin);
  CHECK((**guards)[0].missing == "is not ready yet");
  ready(*runs[0], {plugin_hook::before_call});
  REQUIRE((*guards)->size() == 1);
  CHECK((**guards)[0].plugin);
  CHECK((**guards)[0].denies_without_verdict);
  end(*runs[0]);
  REQUIRE((*guards)->size() == 1);
  CHECK_FALSE((**guards)[0].plugin);
  CHECK_FALSE((**guards)[0].missing.empty());
  x.enabled = false;
  configure({x});
  CHECK(*guards == nullptr);
}

TEST_CASE_FIXTURE(host_stage, "one that has to agree to calls and is not there, too, but not one that says that it wants to hear of none") {
  auto x = about("a");
  x.denies_without_verdict = true;
  x.problem = "cannot be started: there is no executable of that name";
  configure({x});
  REQUIRE(*guards);
  CHECK((**guards)[0].missing == x.problem);
  x.problem.clear();
  configure({x});
  ready(*runs[0], {plugin_hook::after_call});
  CHECK(*guards == nullptr);
  end(*runs[0]);
  CHECK(*guards == nullptr);
}

TEST_CASE_FIXTURE(host_stage, "what could not be told is counted for each plugin that is switched on") {
  auto off = about("b");
  off.enabled = false;
  configure({about("a"), off});
  ready(*runs[0], {plugin_hook::server_connected});
  end(*runs[0]);
  auto gauges = settings.port->gauges.load();
  REQUIRE(gauges);
  REQUIRE(gauges->size() == 1);
  CHECK((*gauges)[0].first == "a");
}

TEST_CASE_FIXTURE(host_stage, "calls are told to who wants them, and nobody notes them if nobody does") {
  configure({about("a")});
  ready(last(), {});
  CHECK_FALSE(settings.gauge->wanted);
  configure({about("a"), about("b")});
  ready(last(), {plugin_hook::after_call});
  CHECK(settings.gauge->wanted);
  auto records = std::make_shared<const std::vector<call_record>>(3);
  REQUIRE(settings.gauge->enter(3, 0));
  self->send(host, calls_ended{records});
  settle();
  CHECK(runs[0]->calls == 0);
  CHECK(runs[1]->calls == 3);
  CHECK(settings.gauge->records == 0);
}

TEST_CASE_FIXTURE(host_stage, "a plugin that takes nothing loses what does not fit, and is told so in its figures") {
  configure({about("a", "slow")});
  ready(last(), {plugin_hook::hub_started});
  for (size_t i = 0; i < observer_gauge::records_limit + 5; ++i)
    tell_plugins(settings.port, plugin_event::hub_started{});
  settle();
  CHECK(last().heard.size() == observer_gauge::records_limit);
  CHECK(member("dropped") == "5");
  // What waited for it when it ends is lost, too.
  end(last());
  CHECK(member("dropped") == std::to_string(observer_gauge::records_limit + 5));
}

TEST_CASE_FIXTURE(host_stage, "one that ends is started again: at once the first time, then after pauses") {
  configure({about("a")});
  ready(last(), {plugin_hook::hub_started});
  end(last());
  REQUIRE(runs.size() == 2);
  end(last());
  CHECK(runs.size() == 2);
  CHECK(member("state") == "\"backing off\"");
  CHECK(member("error") == "\"exited with 1\"");
  tell(plugin_event::hub_started{});
  CHECK(member("dropped") == "1");
  pass(600ms);
  REQUIRE(runs.size() == 3);
  CHECK(last().heard == std::vector{plugin_hook::hub_started});
  CHECK(member("starts") == "3");
}

TEST_CASE_FIXTURE(host_stage, "one that does not shake hands is told to end, then killed, then tried again") {
  configure({about("a")});
  pass(settings.start_limit);
  CHECK(last().stops == 1);
  CHECK_FALSE(last().gone);
  pass(settings.stop_limit);
  CHECK(last().gone);
  CHECK(member("error") == "\"did not answer initialize within 10 s\"");
  pass(600ms);
  CHECK(runs.size() == 2);
}

TEST_CASE_FIXTURE(host_stage, "a change of one plugin restarts that one alone") {
  configure({about("a"), about("b")});
  ready(*runs[0], {});
  ready(*runs[1], {});
  configure({about("a"), about("b", R"({"n":1})")});
  CHECK(runs[0]->stops == 0);
  CHECK(runs[1]->stops == 1);
  end(*runs[1], "exited with 0");
  REQUIRE(runs.size() == 3);
  CHECK(last().settings == R"({"n":1})");
}

TEST_CASE_FIXTURE(host_stage, "a plugin that is switched off or taken away is ended and not started again") {
  configure({about("a"), about("b")});
  ready(*runs[0], {plugin_hook::before_call});
  auto off = about("a");
  off.enabled = false;
  configure({off});
  CHECK(runs[0]->stops == 1);
  CHECK(runs[1]->stops == 1);
  end(*runs[0]);
  end(*runs[1]);
  CHECK(runs.size() == 2);
  CHECK(*guards == nullptr);
  CHECK_FALSE(settings.port->wanted);
  CHECK(member("state") == "\"disabled\"");
  configure({about("a")});
  CHECK(last().name == "a");
  CHECK(runs.size() == 3);
}

TEST_CASE_FIXTURE(host_stage, "one that cannot run says why, and is not tried") {
  auto x = about("a");
  x.problem = "is not started: it is a joke";
  configure({x});
  CHECK(runs.empty());
  CHECK_FALSE(settings.port->wanted);
  CHECK(member("state") == "\"failed\"");
  CHECK(member("error") == "\"is not started: it is a joke\"");
}

TEST_CASE_FIXTURE(host_stage, "the hub waits until all plugins have ended, and kills those that do not") {
  configure({about("a"), about("b")});
  ready(*runs[0], {});
  ready(*runs[1], {});
  auto pending = begin_ask<plugins_stopped>(host, stop_plugins{});
  settle();
  CHECK(runs[0]->stops == 1);
  end(*runs[0]);
  CHECK_FALSE(pending.answered());
  pass(settings.stop_limit);
  CHECK(pending.answered());
  CHECK(runs[1]->gone);
  CHECK(runs.size() == 2);
}

TEST_CASE_FIXTURE(host_stage, "a plugin that is compiled in is made by its own maker, and shows how it is") {
  caf::anon_send_exit(host, caf::exit_reason::kill);
  settings.compiled_in["slm"] = settings.make_program;
  settings.make_program = nullptr;
  host = system.spawn(plugin_host, settings);
  auto x = about("slm");
  x.program.clear();
  configure({x});
  ready(last(), {plugin_hook::after_call});
  self->send(host, plugin_told{"slm", "connected", json_text{R"({"mode":"a"})"}});
  CHECK(member("kind") == "\"built in\"");
  CHECK(member("says") == "\"connected\"");
  CHECK(member("facts") == R"({"mode":"a"})");
}
