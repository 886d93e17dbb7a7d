#include "tests/sim/world.hpp"

#include "actors/backend/backend.hpp"
#include "actors/call/calls.hpp"
#include "actors/catalog/catalog.hpp"
#include "actors/store/store.hpp"
#include "actors/supervisor/supervisor.hpp"
#include "tests/sim/fake_child.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace hub::sim {

using namespace std::chrono_literals;

namespace {

/// Takes what is written to exchanges.
gate_actor::behavior_type recording_gate(gate_actor::pointer, std::shared_ptr<ledger> book) {
  return {
    [book](const stream_event& x) { book->events.emplace_back(x.exchange, x.message.to_string()); },
  };
}

/// What an earlier hub learnt of a server.
catalogue_ptr kept_catalogue(const world_server& x) {
  auto result = std::make_shared<server_catalogue>();
  result->server = x.name;
  result->fingerprint = "f-" + x.name;
  result->stateless = x.character.probe == probe_manner::stateless;
  result->capabilities = json_text::of_literal(R"({"tools":{},"resources":{},"prompts":{}})");
  result->tools.push_back(json_text::of_literal(R"({"name":"echo","inputSchema":{"type":"object"}})"));
  return result;
}

known_era era_of(const std::optional<era>& x) {
  if (!x)
    return known_era::unknown;
  return *x == era::stateless ? known_era::stateless : known_era::handshake;
}

} // namespace

world::world(uint64_t seed) : actors_before_(actors()), dice_(std::make_shared<dice>(seed)) {
  make_servers();
  start_hub();
}

world::~world() {
  if (supervisor)
    stop();
}

void world::make_servers() {
  for (auto name : {"ash", "birch", "cedar", "elm", "fir", "hazel"}) {
    world_server x;
    x.name = name;
    x.character.probe = static_cast<probe_manner>(dice_->below(5));
    x.character.missing = dice_->chance(5);
    x.character.bad_start = dice_->chance(40) ? dice_->below(60) : 0;
    x.character.crash = dice_->chance(40) ? dice_->below(12) : 0;
    x.character.mute = dice_->chance(40) ? dice_->below(15) : 0;
    x.character.noise = dice_->below(50);
    x.character.stubborn = dice_->below(30);
    x.known = dice_->chance(50);
    x.enabled = dice_->chance(90);
    x.always_on = dice_->chance(20);
    x.time_limit = dice_->chance(30) ? dice_->between(1s, 10s) : 0ms;
    servers.push_back(std::move(x));
  }
}

void world::start_hub() {
  std::vector<known_server> known;
  supervisor_settings supervision;
  for (auto& x : servers) {
    known_server seen;
    seen.name = x.name;
    seen.enabled = x.enabled;
    seen.fingerprint = "f-" + x.name;
    seen.time_limit = x.time_limit;
    server_entry_facts facts;
    facts.config.name = x.name;
    facts.config.fingerprint = seen.fingerprint;
    facts.config.enabled = x.enabled;
    facts.config.policy.always_on = x.always_on;
    facts.config.policy.request_limit = x.time_limit;
    if (x.known) {
      seen.catalogue = seen.told = kept_catalogue(x);
      facts.offer.tools = 1;
    }
    known.push_back(std::move(seen));
    supervision.servers.push_back(std::move(facts));
  }
  gate = system.spawn(recording_gate, book);
  store = system.spawn(hub::store, std::shared_ptr<database>{}, std::make_shared<store_trouble>(), database_opener{});
  catalog = system.spawn(hub::catalog, known, std::vector<server_group>{}, store, pin_book{},
                         pin_store_actor{}, plugin_port_ptr{});
  supervision.make_backend = [this](caf::actor_system& sys, const backend_order& order) {
    backend_settings settings;
    settings.server = order.server.name;
    settings.fingerprint = order.server.fingerprint;
    settings.run = order.run;
    settings.era = era_of(order.era);
    settings.limits.open_calls = 12;
    settings.supervisor = order.supervisor;
    settings.catalog = catalog;
    auto& server = *std::ranges::find(servers, order.server.name, &world_server::name);
    settings.open = [character = server.character, name = server.name, luck = dice_, book = book](
                      caf::actor_system& where,
                      const transport_owner& owner, const fetched_secrets&) -> std::variant<transport_actor, open_failure> {
      if (character.missing)
        return open_failure{"could not be started: not found in PATH", "Install it."};
      return spawn_fake_child(where, owner, name, character, luck, book);
    };
    auto result = sys.spawn(backend, std::move(settings));
    auto id = result.id();
    book->backends.emplace(id, result.address());
    result->attach_functor([book = book, id](const caf::error&) { book->backends.erase(id); });
    return result;
  };
  supervision.concurrent_starts = 2;
  supervision.start_limit = 20s;
  supervision.idle_limit = 60s;
  supervision.seed = static_cast<uint32_t>(dice_->below(1'000'000)) + 1;
  supervisor = spawn_supervisor(system, std::move(supervision));
  call_settings path;
  path.supervisor = supervisor;
  path.capacity = 60;
  path.time_limit = 30s;
  calls = system.spawn(hub::calls, std::move(path));
  registry_settings sessions;
  sessions.max_sessions = 5;
  sessions.idle_limit = 300s;
  sessions.calls = calls;
  sessions.supervisor = supervisor;
  sessions.catalog = catalog;
  sessions.snapshot = std::make_shared<catalog_snapshot>(known);
  registry = system.spawn(session_registry, std::move(sessions));
  self->send(catalog, subscribe_catalog{caf::actor_cast<catalog_reader>(registry)});
}

void world::run_some(uint64_t turns) {
  auto& jobs = scheduler.jobs;
  for (uint64_t i = 0; i < turns && !jobs.empty(); ++i) {
    auto next = jobs.begin() + static_cast<ptrdiff_t>(dice_->below(jobs.size()));
    std::rotate(jobs.begin(), next, next + 1);
    scheduler.run_once();
  }
}

void world::storm(size_t deeds) {
  for (size_t i = 0; i < deeds; ++i) {
    do_something();
    run_some(dice_->below(25));
  }
}

void world::do_something() {
  auto what = dice_->below(1000);
  if (what < 700)
    return act_as_client();
  if (what < 730)
    return admit_client();
  if (what < 740)
    return kill_a_backend();
  if (what < 746)
    return self->send(supervisor, restart_server{dice_->pick(servers).name});
  if (what < 752)
    return self->send(supervisor, get_status{});
  if (what < 760)
    return settle();
  if (what < 950) {
    scheduler.advance_time(dice_->between(1ms, 300ms));
    return;
  }
  if (what < 995) {
    scheduler.advance_time(dice_->between(300ms, 8s));
    return;
  }
  scheduler.advance_time(dice_->between(8s, 90s));
}

void world::admit_client() {
  std::erase_if(clients, [](auto& x) { return x->gone(); });
  if (clients.size() >= 12)
    return;
  std::vector<std::string> names;
  for (auto& x : servers)
    names.push_back(x.name);
  auto door = dice_->chance(50) ? std::string{} : dice_->pick(names);
  auto era = dice_->chance(50) ? era::handshake : era::stateless;
  auto newcomer = std::make_shared<client>(client_surroundings{*this, book, dice_, gate, numbers_}, era,
                                           std::move(door), std::move(names));
  auto found = era == era::handshake
                 ? begin_ask<session_found>(registry, open_session{newcomer->door(), newcomer->context()})
                 : begin_ask<session_found>(registry, find_stateless{newcomer->door()});
  settle();
  auto& answer = found.value();
  if (answer.outcome != session_outcome::found)
    return;
  newcomer->enter(answer.id, answer.session);
  clients.push_back(std::move(newcomer));
}

void world::act_as_client() {
  if (clients.empty())
    return admit_client();
  auto who = dice_->pick(clients);
  auto what = dice_->below(100);
  if (what < 70)
    return who->send_request();
  if (what < 80)
    return who->take_something_back();
  if (what < 86)
    return who->drop_a_connection();
  if (what < 92)
    return who->open_a_stream();
  if (what < 97)
    return who->close_a_stream();
  if (who->session_id().empty())
    return;
  self->send(registry, end_session{who->session_id(), who->door()});
  // Some go on as if nothing had happened.
  if (dice_->chance(70)) {
    who->leave();
    std::erase(clients, who);
  }
}

void world::kill_a_backend() {
  if (book->backends.empty())
    return;
  auto at = std::next(book->backends.begin(), static_cast<ptrdiff_t>(dice_->below(book->backends.size())));
  ++book->kills;
  if (auto victim = caf::actor_cast<caf::strong_actor_ptr>(at->second))
    caf::anon_send_exit(victim, caf::exit_reason::kill);
}

void world::calm(std::chrono::seconds time) {
  for (auto passed = 0s; passed < time; passed += 1s)
    pass(1s);
}

size_t world::sessions_alive() const {
  return static_cast<size_t>(std::ranges::count_if(clients, [](auto& x) { return !x->gone(); }));
}

void world::stop() {
  auto drained = begin_ask<calls_drained>(calls, drain_calls{5s});
  run_some(dice_->below(200));
  for (int i = 0; i < 60 && !drained.answered(); ++i)
    pass(100ms);
  if (!drained.answered())
    book->violations.push_back("the call path was not drained in time");
  auto down = begin_ask<shut_down_done>(supervisor, shut_down{2000});
  run_some(dice_->below(200));
  for (int i = 0; i < 60 && !down.answered(); ++i)
    pass(100ms);
  if (!down.answered())
    book->violations.push_back("the supervisor did not shut down in time");
  if (!book->backends.empty() || !book->children.empty())
    book->violations.push_back("servers outlive the shutdown");
  for (auto& x : std::exchange(clients, {}))
    x->leave();
  auto end = [this](auto& actor) {
    self->send_exit(actor, caf::exit_reason::user_shutdown);
    actor = nullptr;
  };
  end(registry);
  end(calls);
  end(supervisor);
  end(catalog);
  end(store);
  end(gate);
  // Timers hold actors until they are due.
  pass(300s);
  if (actors() != actors_before_)
    book->violations.push_back(std::to_string(actors() - actors_before_) + " actors outlive the hub");
}

} // namespace hub::sim
