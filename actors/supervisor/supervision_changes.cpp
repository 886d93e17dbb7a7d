// What a changed configuration does to servers that are known and may be running.

#include "actors/supervisor/supervision.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace hub {

namespace {

/// Whether a run of the one is as good as a run of the other.
bool runs_alike(const server_config& a, const server_config& b) {
  return a.fingerprint == b.fingerprint && a.enabled == b.enabled && a.per_session == b.per_session && a.era == b.era
         && a.max_in_flight == b.max_in_flight && a.policy.max_concurrent == b.policy.max_concurrent
         && a.oauth == b.oauth;
}

std::shared_ptr<const failure> removed_refusal(const std::string& server) {
  return std::make_shared<failure>(failure{failure::kind::unknown_server, server,
                                           "server " + server + " was taken out of the configuration",
                                           "Add it to \"mcpServers\" again, or use another one."});
}

} // namespace

void supervisor::configure(const configure_servers& x) {
  if (shutting_down_)
    return;
  std::unordered_set<std::string> names;
  for (auto& facts : *x.servers)
    names.insert(facts.config.name);
  for (auto& server : servers_)
    if (server.scope == 0 && !server.released && !names.contains(server.name()))
      remove(server);
  size_t rank = 0;
  for (auto& facts : *x.servers) {
    if (find(facts.config.name))
      for (auto& server : servers_) {
        if (server.name() == facts.config.name && !server.released)
          change(server, facts);
      }
    else
      start_unasked(add(facts));
    find(facts.config.name)->rank = rank++;
  }
  start_next();
}

void supervisor::change(supervised_server& server, const server_entry_facts& facts) {
  auto& before = server.facts;
  auto alike = runs_alike(before.config, facts.config);
  if (!alike) {
    spdlog::info("server {} has another configuration{}", server.name(),
                 server.backend ? "; what is in flight there is finished" : "");
    retire(server);
    server.why = "its configuration has changed";
    server.last_error.clear();
    server.fix.clear();
    server.wants_login = false;
  }
  if (before.config.fingerprint != facts.config.fingerprint) {
    before.offer = facts.offer;
    before.era = facts.era;
  }
  before.config = facts.config;
  if (server.scope != 0)
    before.config.policy.always_on = false;
  if (!alike)
    server.life = server.new_life(now());
  before.log = facts.log;
  if (!alike && !(server.waiters.empty() && server.restarters.empty())) {
    if (facts.config.enabled)
      enqueue(server, urgency::caller, "a call needs it");
    else
      answer_waiters(server);
  }
  if (server.scope == 0 && !server.life.running())
    start_unasked(server);
}

void supervisor::remove(supervised_server& server) {
  spdlog::info("server {} is not configured any more{}", server.name(),
               server.backend ? "; what is in flight there is finished" : "");
  for (auto& x : servers_)
    if (x.name() == server.name()) {
      retire(x);
      x.released = true;
      x.session = session_actor{};
      auto why = removed_refusal(x.name());
      waiting_ -= x.waiters.size();
      for (auto& waiter : std::exchange(x.waiters, {}))
        waiter.deliver(backend_lease{{}, why});
      for (auto& restarter : std::exchange(x.restarters, {}))
        restarter.deliver(server_restarted{false, why->cause + ". " + why->fix});
    }
  uses_.forget(server.name());
  uses_elsewhere_.forget(server.name());
  index_.erase(server.name());
}

void supervisor::retire(supervised_server& server) {
  disconnected(server, "its configuration has changed", true);
  queue_.remove(server.place);
  queue_.finished(server.place);
  if (server.backend) {
    auto state = server.life.state();
    auto takes_calls = state == server_state::ready || (state == server_state::stopping && server.may_stay);
    if (takes_calls || state == server_state::starting)
      send(server.backend, stop_backend{false, takes_calls});
    auto limit = takes_calls ? settings_.drain_limit : settings_.stop_limit;
    retiring_.push_back({std::exchange(server.backend, {}), server.run, now() + limit, !takes_calls});
  }
  server.life = server.new_life(now());
  server.pid = 0;
  server.spoken.reset();
  server.deadline.reset();
  server.may_stay = false;
  server.learning = false;
  server.learned = false;
  server.mended = false;
}

void supervisor::hurry(retiring_run& x) {
  if (std::exchange(x.hurried, true)) {
    x.deadline.reset();
    caf::anon_send_exit(x.backend, caf::exit_reason::kill);
    return;
  }
  x.deadline = now() + settings_.stop_limit;
  send(x.backend, stop_backend{});
}

void supervisor::retired_ended(const std::function<bool(const retiring_run&)>& is_it) {
  if (std::erase_if(retiring_, is_it) != 0)
    check_all_gone();
}

void supervisor::used(const supervised_server& server, const std::shared_ptr<const client_context>& client) {
  auto time = now();
  auto& name = server.name();
  if (last_use_.server == name && last_use_.client == client && time - last_use_.at < same_use)
    return;
  last_use_ = {client, name, time};
  use_context where;
  std::string user;
  if (client) {
    if (client->name.size() <= longest_name)
      where.client = client->name;
    if (settings_.kind_of && !client->project.empty())
      where.project = settings_.kind_of(client->project);
    user = where.client + '\n' + client->project;
  }
  if (!uses_.observe(user, where, name, time))
    return;
  predictions_.used(user, name, time);
  joined_predictions_.used(user, name, time);
  uses_changed_ = true;
  if (auto own = usable(uses_.predict(where, name)); !own.empty())
    predictions_.expect(user, std::move(own), time);
  auto joined = usable(uses_.predict(where, name, uses_elsewhere_));
  if (settings_.warm_up == warm_up_mode::on && !shutting_down_)
    for (auto& next : joined)
      if (auto* x = find(next); x->life.state() == server_state::known)
        enqueue(*x, urgency::background, "it is often used after " + name);
  if (!joined.empty())
    joined_predictions_.expect(user, std::move(joined), time);
  start_next();
  arm();
  if (time - uses_kept_ >= keep_interval)
    keep_uses();
}

std::vector<std::string> supervisor::usable(std::vector<std::string> names) {
  std::erase_if(names, [this](auto& x) {
    auto* server = find(x);
    return !server || !server->facts.config.enabled;
  });
  return names;
}

void supervisor::learn_from(const behaviour_seen& x) {
  if (settings_.warm_up == warm_up_mode::off)
    return;
  use_model seen;
  uses_seen_ = 0;
  for (auto& use : *x.uses) {
    auto server = server_of_tool(use.tool, [this](const std::string& name) { return find(name) != nullptr; });
    if (!server.empty() && seen.observe({}, {}, server, use_model::time_point{use.at}))
      ++uses_seen_;
  }
  uses_elsewhere_ = std::move(seen);
}

void supervisor::keep_uses() {
  uses_kept_ = now();
  if (settings_.notes && std::exchange(uses_changed_, false))
    send(settings_.notes, keep_note{"uses", uses_.write()});
}

void supervisor::start_unasked(supervised_server& server) {
  auto& config = server.facts.config;
  if (!config.enabled)
    return;
  if (server.always_on() || config.policy.eager.value_or(false)) {
    if (server.life.state() == server_state::known)
      enqueue(server, urgency::background, server.always_on() ? "it is always on" : "it starts with the hub");
  } else if (settings_.learn_unknown && server.facts.offer.tools < 0 && server.life.state() == server_state::known) {
    server.learning = true;
    enqueue(server, urgency::background, "its tools are to be learnt");
  }
}

} // namespace hub
