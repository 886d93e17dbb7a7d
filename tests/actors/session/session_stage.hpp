#pragma once

#include "actors/call/calls.hpp"
#include "actors/catalog/catalog.hpp"
#include "actors/session/session_registry.hpp"
#include "actors/watch/watches.hpp"
#include "actors/store/store.hpp"
#include "tests/actors/session/door_snapshot.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/stage.hpp"

#include <caf/actor_cast.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::test {

/// What was written to exchanges.
struct gate_record {
  std::vector<std::pair<exchange_id, std::string>> events;
};

inline gate_actor::behavior_type recording_gate(gate_actor::pointer, std::shared_ptr<gate_record> record) {
  return {
    [record](const stream_event& x) { record->events.emplace_back(x.exchange, x.message.to_string()); },
  };
}

/// The real registry, sessions, catalog and call path, between a fake supervisor
/// and a fake server.
struct session_stage : stage {
  std::shared_ptr<backend_record> server = std::make_shared<backend_record>();
  std::shared_ptr<supervisor_record> lives = std::make_shared<supervisor_record>();
  std::shared_ptr<gate_record> written = std::make_shared<gate_record>();
  gate_actor gate = system.spawn(recording_gate, written);
  supervisor_actor supervisor = system.spawn(fake_supervisor, lives);
  call_actor calls = system.spawn(hub::calls, call_settings{supervisor, 100, std::chrono::seconds{30}});
  watch_actor watches;
  catalog_actor catalog;
  wired_registry_actor registry;
  registry_settings settings;
  exchange_id last_exchange = 100'000;

  explicit session_stage(std::vector<known_server> servers = three_servers(),
                         const std::vector<server_group>& groups = {}) {
    lives->backend = system.spawn(fake_backend, server);
    for (auto& x : servers)
      x.told = x.catalogue;
    catalog = system.spawn(hub::catalog, servers, groups, store_actor{}, pin_book{}, pin_store_actor{}, plugin_port_ptr{});
    settings.max_sessions = 3;
    settings.idle_limit = std::chrono::seconds{600};
    settings.calls = calls;
    settings.supervisor = supervisor;
    watches = system.spawn(hub::watches);
    self->send(watches, meet_supervisor{supervisor});
    settings.watches = watches;
    settings.catalog = catalog;
    auto snapshot = std::make_shared<catalog_snapshot>(std::move(servers));
    snapshot->make_groups(groups, nullptr);
    settings.snapshot = std::move(snapshot);
    registry = system.spawn(session_registry, settings);
    self->send(catalog, subscribe_catalog{caf::actor_cast<catalog_reader>(registry)});
    settle();
  }

  ~session_stage() {
    auto end = [this](auto& actor) {
      self->send_exit(actor, caf::exit_reason::user_shutdown);
      actor = nullptr;
    };
    end(registry);
    end(catalog);
    end(watches);
    end(calls);
    end(supervisor);
    end(lives->backend);
    end(gate);
    // Timers hold actors until they are due.
    pass(std::chrono::seconds{300});
  }

  session_found open(std::string door = "") {
    return ask<session_found>(registry, open_session{{std::move(door)}, make_request("ping").client});
  }

  session_found find_stateless(std::string door = "") {
    return ask<session_found>(registry, hub::find_stateless{{std::move(door)}});
  }

  asked<rpc_answer> begin(const session_actor& session, client_request request) {
    request.from = {gate, ++last_exchange};
    auto result = begin_ask<rpc_answer>(session, std::move(request));
    settle();
    return result;
  }

  asked<rpc_answer> begin(const session_actor& session, std::string_view method, std::string_view params = "{}",
                          std::string_view id = "1") {
    return begin(session, make_request(method, params, id));
  }

  asked<rpc_answer> begin_stream(const session_actor& session) {
    auto result = begin_ask<rpc_answer>(session, open_stream{{gate, ++last_exchange}});
    settle();
    return result;
  }

  void close(const session_actor& session, exchange_id exchange, bool cancels) {
    self->send(session, exchange_closed{exchange, cancels});
    settle();
  }

  void notify(const session_actor& session, std::string text) {
    self->send(session, client_notification{std::get<rpc::envelope>(rpc::scan_client_message(json_text{text}))});
    settle();
  }

  /// The server answers what it was asked at a place.
  void answer(size_t place, std::string result) {
    server->plan.emplace_back(place, std::move(result));
    self->send(lives->backend, backend_tick{});
    settle();
  }

  /// A server tells what it offers, and everybody hears of it.
  void learn(catalogue_ptr x) {
    self->send(catalog, catalogue_learned{std::move(x)});
    pass(std::chrono::milliseconds{50});
  }

  /// The methods of what was written to an exchange.
  std::vector<std::string> methods_at(exchange_id exchange) const {
    std::vector<std::string> result;
    for (auto& [to, text] : written->events)
      if (to == exchange)
        result.push_back(rpc::unquote(rpc::member(text, "method")).value_or(""));
    return result;
  }
};

} // namespace hub::test
