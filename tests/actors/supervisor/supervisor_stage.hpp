#pragma once

#include "actors/supervisor/supervisor.hpp"

#include "tests/support/stage.hpp"

#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hub::test {

/// A run that the supervisor began.
struct fake_run {
  std::string server;
  uint64_t number = 0;
  std::optional<hub::era> era;
  supervisor_actor supervisor;
  backend_actor backend;

  /// Whether and how it was told to stop.
  int stops = 0;
  bool only_if_idle = false;
  bool drain = false;

  /// How often it was asked to read its lists again.
  int lists_asked = 0;

  bool gone = false;
};

struct recording_state {
  std::shared_ptr<fake_run> run;

  ~recording_state() {
    if (run)
      run->gone = true;
  }
};

/// A backend that does nothing but write down what it is told.
inline backend_actor::behavior_type
recording_backend(backend_actor::stateful_pointer<recording_state> self, std::shared_ptr<fake_run> run) {
  self->state.run = run;
  return {
    [](const backend_request&) { return rpc_answer{}; },
    [](const cancel_request&) {},
    [](const redirect_call&) {},
    [](const join_call&) {},
    [](const leave_call&) {},
    [](const watch_resources&) { return rpc_answer{}; },
    [](const notify_server&) {},
    [run](read_lists_again) { ++run->lists_asked; },
    [run](const stop_backend& x) {
      ++run->stops;
      run->only_if_idle = x.only_if_idle;
      run->drain = x.drain;
    },
    [](start_backend) {},
    [](backend_tick) {},
    [](const transport_opened&) {},
    [](const transport_changed&) {},
    [](const messages_received&) {},
    [](const request_failed&) {},
    [](const transport_closed&) {},
  };
}

/// A real supervisor over backends that do what the test says.
struct supervisor_stage : stage {
  supervisor_settings settings;
  wired_supervisor_actor supervisor;
  std::vector<std::shared_ptr<fake_run>> runs;

  supervisor_stage() {
    settings.make_backend = [this](caf::actor_system& sys, const backend_order& order) {
      auto run = std::make_shared<fake_run>();
      run->server = order.server.name;
      run->number = order.run;
      run->era = order.era;
      run->supervisor = order.supervisor;
      run->backend = sys.spawn(recording_backend, run);
      runs.push_back(run);
      return run->backend;
    };
  }

  ~supervisor_stage() {
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    settle();
    for (auto& run : runs)
      run->backend = backend_actor{};
  }

  /// Adds a server whose tools are known.
  server_entry_facts& add(std::string name) {
    server_entry_facts facts;
    facts.config.name = std::move(name);
    facts.log = "logs/" + facts.config.name + ".log";
    facts.offer.tools = 3;
    settings.servers.push_back(std::move(facts));
    return settings.servers.back();
  }

  void begin() {
    supervisor = spawn_supervisor(system, settings);
    settle();
  }

  /// A hub with one known server named `one`.
  void begin_with_one() {
    add("one");
    begin();
  }

  asked<backend_lease> need(const std::string& server) {
    auto result = begin_ask<backend_lease>(supervisor, need_backend{server});
    settle();
    return result;
  }

  fake_run& last_run() {
    REQUIRE_FALSE(runs.empty());
    return *runs.back();
  }

  void ready(fake_run& run, int64_t pid = 0) {
    self->send(supervisor, backend_spawned{run.server, run.number, pid});
    self->send(supervisor, backend_ready{run.server, run.number, pid, false});
    settle();
  }

  /// The run ends, as a backend tells it.
  void ended(fake_run& run, std::string cause, bool hopeless = false) {
    self->send(supervisor, backend_stopped{run.server, run.number, std::move(cause), "Mend it.", {"last words"},
                                           run.stops > 0, hopeless});
    caf::anon_send_exit(run.backend, caf::exit_reason::user_shutdown);
    settle();
  }

  void learned(fake_run& run, size_t tools, std::string fingerprint = "") {
    auto catalogue = std::make_shared<server_catalogue>();
    catalogue->server = run.server;
    catalogue->fingerprint = fingerprint;
    catalogue->tools.resize(tools);
    self->send(supervisor, catalogue_learned{catalogue});
    settle();
  }

  /// Puts `settings.servers` into force.
  void reconfigure() {
    auto servers = std::make_shared<const std::vector<server_entry_facts>>(settings.servers);
    ask<servers_configured>(supervisor, configure_servers{servers});
    settle();
  }

  void called(const std::string& server, int64_t duration_us = 1000, std::string error = "") {
    auto failed = !error.empty();
    self->send(supervisor, call_ended{server, duration_us, failed, std::move(error)});
    settle();
  }

  hub_status status() {
    return ask<hub_status>(supervisor, get_status{});
  }

  server_status status_of(const std::string& server) {
    auto all = status();
    auto i = std::find_if(all.servers.begin(), all.servers.end(), [&](auto& x) { return x.name == server; });
    REQUIRE(i != all.servers.end());
    return *i;
  }

  server_state state_of(const std::string& server) {
    return status_of(server).state;
  }
};

} // namespace hub::test
