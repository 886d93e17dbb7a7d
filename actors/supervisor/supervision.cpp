#include "actors/supervisor/supervision.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace hub {

supervisor::supervisor(caf::actor_config& cfg, supervisor_settings settings)
  : supervising_actor::base(cfg),
    settings_(std::move(settings)),
    queue_(settings_.concurrent_starts),
    random_(settings_.seed),
    born_(now()) {
  uses_ = std::move(settings_.uses);
  size_t rank = 0;
  for (auto& facts : std::exchange(settings_.servers, {}))
    add(std::move(facts)).rank = rank++;
}

void supervisor::on_exit() {
  for (auto& server : servers_)
    if (server.backend)
      caf::anon_send_exit(std::exchange(server.backend, {}), caf::exit_reason::kill);
  for (auto& x : retiring_)
    caf::anon_send_exit(x.backend, caf::exit_reason::kill);
  retiring_.clear();
  servers_.clear();
  downs_.clear();
  // A timer may keep this object in memory for long, and what it holds with it.
  settings_ = {};
}

supervisor::behavior_type supervisor::make_behavior() {
  set_down_handler([this](caf::down_msg& x) {
    // A backend tells its end; one that was killed or has crashed cannot.
    for (auto& server : servers_)
      if (server.backend && server.backend.address() == x.source) {
        ended(server, {"ended without a word: " + to_string(x.reason), "This is a fault of the hub.", {}, false});
        return arm();
      }
    retired_ended([&x](auto& run) { return run.backend.address() == x.source; });
    arm();
  });
  // Those that shall run go before those that are only to be known.
  for (auto always_on : {true, false})
    for (auto& server : servers_)
      if (server.always_on() == always_on)
        start_unasked(server);
  start_next();
  arm();
  // What a handler changes may bring the next deadline nearer.
  auto then_arm = [this](auto f) {
    f();
    arm();
  };
  // CAF tries them in order: first the one that each call needs.
  return {
    [this](const call_ended& x) {
      if (auto server = find(x.server)) {
        server->figures.add(x.duration_us, x.failed);
        if (x.scope == 0)
          server->last_used = now();
        if (settings_.warm_up != warm_up_mode::off)
          used(*server, x.client);
        if (x.failed && !x.error.empty())
          server->last_error = x.error;
      }
      if (x.scope != 0)
        for (auto& server : servers_)
          if (server.scope == x.scope && server.name() == x.server)
            server.last_used = now();
    },
    [this](const supervisor_tick& x) { tick(x); },
    [this](const behaviour_seen& x) { learn_from(x); },
    [=, this](const memory_measured& x) {
      if (auto server = of_run(x))
        then_arm([&] { check_memory(*server, x.bytes); });
    },
    [this](const need_backend& x) -> caf::result<backend_lease> {
      auto result = lease(x);
      arm();
      return result;
    },
    [this](get_status) -> caf::result<hub_status> {
      auto result = status();
      auto runs = [](const server_status& x) { return x.pid > 0; };
      if (settings_.memory && std::any_of(result.servers.begin(), result.servers.end(), runs))
        return delegate(settings_.memory, std::move(result));
      return result;
    },
    [this](const restart_server& x) -> caf::result<server_restarted> {
      auto result = restart(x);
      arm();
      return result;
    },
    [this](const shut_down& x) -> caf::result<shut_down_done> {
      auto result = shut_down_all(x);
      arm();
      return result;
    },
    [this](const backend_spawned& x) {
      if (auto server = of_run(x))
        server->pid = x.pid;
    },
    [=, this](const backend_ready& x) {
      if (auto server = of_run(x))
        then_arm([&] { became_ready(*server, x); });
    },
    [=, this](backend_stopped& x) {
      if (auto server = of_run(x))
        then_arm([&] {
          ended(*server, {std::move(x.cause), std::move(x.fix), std::move(x.last_stderr), x.hopeless});
        });
      else
        then_arm([&] { retired_ended([&x](auto& run) { return run.run == x.run; }); });
    },
    [=, this](const catalogue_learned& x) {
      auto& catalogue = *x.catalogue;
      auto server = find(catalogue.server);
      // A run that is retired may tell of what the server no longer is.
      if (server && server->facts.config.fingerprint == catalogue.fingerprint) {
        server->facts.offer = {static_cast<int64_t>(catalogue.tools.size()),
                               static_cast<int64_t>(catalogue.resources.size()),
                               static_cast<int64_t>(catalogue.prompts.size())};
        server->learned = true;
        then_arm([&] { stop_if_learned(*server); });
      }
    },
    [=, this](const keep_running& x) {
      if (auto server = find(x.server))
        then_arm([&] { server->held = x.on; });
    },
    [=, this](const release_scope& x) {
      then_arm([&] {
        for (auto& server : servers_)
          if (server.scope == x.scope && x.scope != 0 && !server.released)
            release(server);
      });
    },
    [this](const tell_scope& x) {
      for (auto& server : servers_)
        if (server.scope == x.scope && x.scope != 0 && server.backend)
          send(server.backend, notify_server{x.method});
    },
    [this](const refresh_lists& x) {
      for (auto& name : x.servers)
        if (auto server = find(name); server && server->life.state() == server_state::ready)
          send(server->backend, read_lists_again{});
    },
    [=, this](const authorization_changed& x) {
      if (auto server = find(x.server); server && !shutting_down_)
        then_arm([&] { authorization(*server, x); });
    },
    [=, this](const configure_servers& x) {
      then_arm([&] { configure(x); });
      return servers_configured{};
    },
  };
}

caf::result<backend_lease> supervisor::lease(const need_backend& x) {
  auto server = find(x.server);
  if (!server)
    return backend_lease{{}, std::make_shared<failure>(failure{
      failure::kind::unknown_server, x.server, "there is no server named " + x.server,
      "Ask for the list of servers, or add it to \"mcpServers\" in the configuration."})};
  if (shutting_down_)
    return backend_lease{{}, shutting_down_refusal(x.server)};
  if (x.scope != 0 && server->life.state() != server_state::disabled) {
    server = own_run(*server, x);
    if (!server)
      return backend_lease{{}, std::make_shared<failure>(failure{
        failure::kind::overloaded, x.server,
        "there are " + std::to_string(settings_.own_runs_max) + " servers that single sessions or calls have for themselves",
        "End sessions that are not needed, or set \"isolation\": \"shared\" for it."})};
  }
  // The shared run of a server that sessions have for themselves is for its lists.
  auto learns = x.only_to_learn && server->facts.config.per_session;
  switch (server->life.need(now())) {
    case lifecycle::verdict::use:
      server->learning = server->learning && learns;
      server->last_used = now();
      return backend_lease{server->backend, nullptr};
    case lifecycle::verdict::refuse:
      return backend_lease{{}, server->refusal(now())};
    case lifecycle::verdict::enqueue:
    case lifecycle::verdict::wait:
      break;
  }
  if (waiting_ >= settings_.waiters_max)
    return backend_lease{{}, std::make_shared<failure>(failure{
      failure::kind::overloaded, x.server,
      std::to_string(waiting_) + " calls wait for servers to start", "Wait for some of them to end."})};
  auto promise = make_response_promise<backend_lease>();
  server->waiters.emplace_back(promise);
  server->learning = learns && (server->learning || !server->life.running());
  ++waiting_;
  if (server->life.state() == server_state::queued) {
    server->why = x.only_to_learn ? "a client wants to know its tools" : "a call needs it";
    queue_.add(server->place, urgency::caller);
    start_next();
  }
  return promise;
}

caf::result<server_restarted> supervisor::restart(const restart_server& x) {
  auto server = find(x.server);
  if (!server)
    return server_restarted{false, "There is no server named " + x.server + ". `slm-hub servers` lists them."};
  if (shutting_down_)
    return server_restarted{false, "The hub is shutting down. Start it again."};
  if (server->life.state() == server_state::disabled) {
    auto why = server->refusal(now());
    return server_restarted{false, why->cause + ". " + why->fix};
  }
  auto promise = make_response_promise<server_restarted>();
  server->restarters.emplace_back(promise);
  server->learning = false;
  server->life.forgive(now());
  if (!server->life.running()) {
    enqueue(*server, urgency::caller, "somebody asked for it");
    start_next();
  } else if (server->life.state() != server_state::stopping || server->may_stay) {
    stop(*server, false, "a restart was asked for");
  }
  return promise;
}

caf::result<shut_down_done> supervisor::shut_down_all(const shut_down& x) {
  auto promise = make_response_promise<shut_down_done>();
  downs_.emplace_back(promise);
  keep_uses();
  shutting_down_ = true;
  auto deadline = now() + std::chrono::milliseconds{x.grace_ms};
  for (auto& server : servers_) {
    queue_.remove(server.place);
    server.life.withdraw(now());
    answer_waiters(server);
    if (!server.life.running())
      continue;
    if (server.life.state() != server_state::stopping || server.may_stay)
      stop(server, false, "the hub ends");
    server.deadline = std::min(deadline, server.deadline.value_or(deadline));
  }
  for (auto& x : retiring_) {
    if (!std::exchange(x.hurried, true))
      send(x.backend, stop_backend{});
    x.deadline = std::min(deadline, x.deadline.value_or(deadline));
  }
  check_all_gone();
  return promise;
}

hub_status supervisor::status() {
  hub_status result;
  result.state = shutting_down_ ? "stopping" : "running";
  result.uptime_seconds = std::chrono::duration_cast<std::chrono::seconds>(now() - born_).count();
  result.starts_running = queue_.starting();
  result.starts_queued = queue_.waiting();
  result.servers.reserve(servers_.size());
  for (auto& server : servers_)
    if (server.scope == 0 ? !server.released : bool{server.backend})
      result.servers.push_back(server.status(now(), server.idle_limit(settings_.idle_limit)));
  // Those of a server stand together, its shared run first.
  std::ranges::stable_sort(result.servers, {}, [this](const server_status& x) {
    return std::pair{find(x.name)->rank, x.session != 0};
  });
  result.runs_retiring = retiring_.size();
  predictions_.expire(now());
  joined_predictions_.expire(now());
  auto mode = settings_.warm_up;
  result.warm_up = mode == warm_up_mode::on ? "on" : mode == warm_up_mode::shadow ? "shadow" : "off";
  result.predictions_hit = predictions_.hits();
  result.predictions_missed = predictions_.misses();
  result.joined_hit = joined_predictions_.hits();
  result.joined_missed = joined_predictions_.misses();
  result.uses_seen = uses_seen_;
  return result;
}

supervised_server* supervisor::own_run(const supervised_server& shared, const need_backend& x) {
  size_t taken = 0;
  for (auto& server : servers_) {
    if (server.scope == x.scope && server.name() == x.server && !server.released)
      return &server;
    taken += server.scope != 0 && !server.is_free() ? 1 : 0;
  }
  if (taken >= settings_.own_runs_max)
    return nullptr;
  auto facts = shared.facts;
  facts.config.policy.always_on = false;
  auto& result = place_for(std::move(facts));
  result.scope = x.scope;
  result.client = x.client;
  result.session = x.session;
  return &result;
}

supervised_server& supervisor::place_for(server_entry_facts facts) {
  auto free = std::ranges::find_if(servers_, &supervised_server::is_free);
  auto place = static_cast<size_t>(free - servers_.begin());
  if (free == servers_.end())
    servers_.emplace_back(std::move(facts), now());
  else
    *free = supervised_server{std::move(facts), now()};
  servers_[place].place = place;
  return servers_[place];
}

supervised_server& supervisor::add(server_entry_facts facts) {
  auto& result = place_for(std::move(facts));
  index_.emplace(result.name(), result.place);
  return result;
}

void supervisor::release(supervised_server& server) {
  server.released = true;
  server.session = session_actor{};
  queue_.remove(server.place);
  server.life.withdraw(now());
  answer_waiters(server);
  if (server.life.running() && (server.life.state() != server_state::stopping || server.may_stay))
    stop(server, false, server.exclusive() ? "no call needs it" : "its session has ended");
}

wired_supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_settings settings) {
  return system.spawn<supervisor>(std::move(settings));
}

} // namespace hub
