#include "actors/slm/mesh_plugin.hpp"

#include "actors/slm/mesh_text.hpp"
#include "messages/printable_line.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/actor_clock.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>

namespace hub {

namespace {

using namespace std::chrono_literals;
using pointer = mesh_plugin_actor::stateful_pointer<mesh_plugin_state>;
using time_point = mesh_table::time;

/// How often messages are looked for.
constexpr auto look_pause = 10s;

/// How often it is tried to be registered.
constexpr auto register_pause = 5s;

/// The daemon grants a lock twice if two ask at the same time. After so long it has written
/// down which of them has it.
constexpr auto confirm_pause = 50ms;

/// The daemon keeps a lock for 8 h.
constexpr auto renew_pause = 1h;

constexpr auto end_limit = 2s;
constexpr size_t locks_max = 1000;

constexpr std::string_view settings_schema
  = R"({"type":"object","additionalProperties":false,"properties":{"usage_digest_s":{"type":"integer"}}})";

/// How often use is told to all: 0 for never, or 10 s to a day.
std::chrono::seconds read_usage_digest(std::string_view json) {
  auto seconds = rpc::to_integer(rpc::member(json, "usage_digest_s")).value_or(mesh_table::between_shared_digests.count());
  return std::chrono::seconds{seconds <= 0 ? 0 : std::clamp<int64_t>(seconds, 10, 86'400)};
}

time_point now_of(pointer self) {
  return time_point{self->clock().now().time_since_epoch()};
}

/// A lock of this hub, as the mesh names it; agents lock files by their paths.
std::string lock_name(const std::string& name) {
  return name.starts_with('/') ? name : "hub:" + name;
}

void ask(pointer self, slm_request request, std::function<void(const slm_answer&)> then) {
  self->request(self->state.settings.daemon, caf::infinite, ask_slm{std::move(request)})
    .then(
      [self, then](const slm_answer& x) {
        self->state.why = x.cause;
        then(x);
      },
      [then](const caf::error&) { then(slm_answer{}); });
}

void tell_owner(pointer self) {
  auto& st = self->state;
  auto& self_id = st.table.self();
  st.settings.port->mesh_wanted = !self_id.empty() && !st.ends_at;
  auto state = !self_id.empty() ? "connected as " + self_id + ", " + std::to_string(st.table.peers().size()) + " peers"
               : st.daemon.presence == slm_presence::present && !st.why.empty() ? "refused: the daemon " + st.why
               : st.daemon.cause.empty() ? std::string{to_string(st.daemon.presence)}
                                         : to_string(st.daemon.presence) + (": " + st.daemon.cause);
  slm_object facts;
  facts.text("peer", self_id)
    .number("peers", static_cast<int64_t>(st.table.peers().size()))
    .number("messages", static_cast<int64_t>(st.table.messages().size()))
    .number("locks", static_cast<int64_t>(st.held.size()))
    .text("why", st.why);
  self->send(st.settings.owner, plugin_told{st.settings.name, std::move(state), json_text{facts.take()}});
}

void arm(pointer self) {
  if (std::exchange(self->state.ticking, true))
    return;
  self->delayed_send(self, 1s, mesh_tick{});
}

std::string summary_of(pointer self) {
  return "MCP hub, " + std::to_string(self->state.sessions) + " sessions";
}

void read_inbox(pointer self) {
  auto& st = self->state;
  auto me = st.table.self();
  st.reading = true;
  ask(self, ask_mesh_inbox(me), [self, me](const slm_answer& x) {
    auto& st = self->state;
    st.reading = false;
    if (x.outcome != slm_outcome::done)
      return;
    auto fresh = st.table.add(read_mesh_inbox(x.body, mesh_table::messages_max));
    if (fresh.empty())
      return;
    ask(self, mark_mesh_read(me, fresh), [](const slm_answer&) {});
    tell_owner(self);
  });
}

void look_for_peers(pointer self) {
  ask(self, ask_mesh_peers(), [self](const slm_answer& x) {
    if (x.outcome != slm_outcome::done)
      return;
    auto before = self->state.table.peers().size();
    self->state.table.set_peers(read_mesh_peers(x.body, mesh_table::peers_max + 1));
    if (before != self->state.table.peers().size())
      tell_owner(self);
  });
}

void look(pointer self) {
  auto& st = self->state;
  st.look_at = now_of(self) + look_pause;
  look_for_peers(self);
  if (!st.reading)
    read_inbox(self);
}

void enter_mesh(pointer self) {
  auto& st = self->state;
  st.registering = true;
  st.register_at = now_of(self) + register_pause;
  auto life = st.daemon.life;
  ask(self, register_mesh_peer({st.settings.session, summary_of(self), st.settings.hub_port}),
      [self, life](const slm_answer& x) {
        auto& st = self->state;
        st.registering = false;
        auto id = x.outcome == slm_outcome::done ? read_mesh_registration(x.body) : std::string{};
        if (!id.empty() && st.daemon.life == life && st.daemon.presence == slm_presence::present) {
          st.table.registered(std::move(id), now_of(self));
          look(self);
        }
        tell_owner(self);
      });
}

/// A peer that the daemon does not know has to register again.
void check_known(pointer self, const slm_answer& x) {
  if (x.outcome != slm_outcome::missing || self->state.ends_at)
    return;
  self->state.table.forgotten();
  tell_owner(self);
}

void renew_locks(pointer self) {
  auto& st = self->state;
  auto now = now_of(self);
  for (auto& [name, since] : st.held)
    if (now - since >= renew_pause) {
      since = now;
      ask(self, ask_mesh_lock(mesh_lock_action::acquire, lock_name(name), st.table.self()), [](const slm_answer&) {});
    }
}

/// Does what is due.
void go_on(pointer self) {
  auto& st = self->state;
  if (st.daemon.presence != slm_presence::present || st.ends_at)
    return;
  arm(self);
  auto now = now_of(self);
  if (st.table.self().empty()) {
    if (!st.registering && now >= st.register_at)
      enter_mesh(self);
    return;
  }
  auto& me = st.table.self();
  if (st.table.beats(now)) {
    st.table.beaten(now);
    ask(self, beat_mesh_heart(me), [self](const slm_answer& x) { check_known(self, x); });
    renew_locks(self);
  }
  if (auto text = st.table.broadcast(now))
    ask(self, send_mesh_message(me, "broadcast", *text), [](const slm_answer&) {});
  // In the summary, where it takes no message from anybody.
  if (auto text = st.table.digest(now))
    ask(self, tell_mesh_summary(me, summary_of(self) + "; used: " + *text), [self](const slm_answer& x) { check_known(self, x); });
  if (now >= st.look_at)
    look(self);
}

// -- locks ---------------------------------------------------------------------------------

void lock_queried(pointer self, uint64_t number, const slm_answer& x) {
  auto& st = self->state;
  auto node = st.granted.extract(number);
  if (node.empty())
    return;
  auto& lock = node.mapped();
  auto& me = st.table.self();
  mesh_lock_taken result;
  auto said = x.outcome == slm_outcome::done ? read_mesh_lock(x.body) : mesh_lock_state{};
  if (confirms(lock.grant, said, me)) {
    result.outcome = mesh_lock_outcome::granted;
    result.token = lock.grant.fencing_token;
    st.held[lock.name] = now_of(self);
  } else if (x.outcome == slm_outcome::done) {
    result.outcome = mesh_lock_outcome::busy;
    result.holder = printable_line(said.by);
  }
  lock.asker.deliver(std::move(result));
}

caf::result<mesh_lock_taken> take_lock(pointer self, const take_mesh_lock& x) {
  auto& st = self->state;
  auto& me = st.table.self();
  if (me.empty() || st.ends_at || st.held.size() + st.granted.size() >= locks_max)
    return mesh_lock_taken{};
  auto promise = self->make_response_promise<mesh_lock_taken>();
  auto number = ++st.numbers;
  auto& wanted = st.granted[number];
  wanted.name = x.name;
  wanted.asker = reply<mesh_lock_taken>{promise};
  ask(self, ask_mesh_lock(mesh_lock_action::acquire, lock_name(x.name), me), [self, number](const slm_answer& answer) {
    auto& st = self->state;
    auto i = st.granted.find(number);
    if (i == st.granted.end())
      return;
    auto said = answer.outcome == slm_outcome::done ? read_mesh_lock(answer.body) : mesh_lock_state{};
    if (said.acquired) {
      i->second.grant = said;
      self->delayed_send(self, confirm_pause, confirm_mesh_lock{number});
      return;
    }
    mesh_lock_taken result;
    if (answer.outcome == slm_outcome::done) {
      result.outcome = mesh_lock_outcome::busy;
      result.holder = printable_line(said.by);
    }
    i->second.asker.deliver(std::move(result));
    st.granted.erase(i);
  });
  return promise;
}

void confirm(pointer self, uint64_t number) {
  auto& st = self->state;
  if (auto i = st.granted.find(number); i != st.granted.end())
    ask(self, ask_mesh_lock(mesh_lock_action::query, lock_name(i->second.name), st.table.self()),
        [self, number](const slm_answer& x) { lock_queried(self, number, x); });
}

// -- reports -------------------------------------------------------------------------------

caf::result<report> send_text(pointer self, const get_report& x) {
  auto& st = self->state;
  auto wanted = read_mesh_send(x.query);
  if (!wanted)
    return report{400, "application/json", R"({"error":"This is no message","fix":"Say to whom, and at most 4096 bytes"})"};
  if (st.table.self().empty())
    return report{409, "application/json", R"({"error":"This hub is not in the mesh","fix":"See slm-hub mesh peers"})"};
  auto promise = self->make_response_promise<report>();
  auto owed = std::make_shared<reply<report>>(promise);
  ask(self, send_mesh_message(st.table.self(), wanted->to, wanted->text), [owed](const slm_answer& answer) {
    if (answer.outcome == slm_outcome::done)
      owed->deliver(report{200, "application/json", R"({"sent":true})"});
    else
      owed->deliver(report{409, "application/json",
                           slm_object{}.text("error", "The memory daemon " + answer.cause).text("fix", "See slm-hub mesh peers for the names of peers").take()});
  });
  return promise;
}

caf::result<report> tell(pointer self, const get_report& x) {
  auto& st = self->state;
  if (x.what == "mesh/send")
    return send_text(self, x);
  return report{200, "application/json", mesh_json(st.table, st.daemon, st.why)};
}

// -- what happens in the hub ---------------------------------------------------------------

void take_news(pointer self, const plugin_event& event) {
  auto& st = self->state;
  auto name_of = [](const std::shared_ptr<const client_context>& x) {
    return x && !x->name.empty() ? printable_line(cut_text(x->name, 60)) : std::string{"unnamed client"};
  };
  if (auto* x = std::get_if<plugin_event::session_started>(&event.what)) {
    ++st.sessions;
    st.table.announce("session started: " + name_of(x->client));
  } else if (auto* x = std::get_if<plugin_event::session_ended>(&event.what)) {
    st.sessions -= st.sessions > 0 ? 1 : 0;
    st.table.announce("session ended: " + name_of(x->client));
  } else if (auto* x = std::get_if<plugin_event::tools_changed>(&event.what)) {
    st.table.announce("tools of " + x->server + " changed: " + std::to_string(x->tools) + " now");
  }
  go_on(self);
}

/// Says good-bye to the mesh, and ends.
void leave(pointer self) {
  auto& st = self->state;
  st.ends_at = now_of(self) + end_limit;
  st.settings.port->mesh_wanted = false;
  for (auto& [number, lock] : std::exchange(st.granted, {}))
    lock.asker.deliver(mesh_lock_taken{});
  auto end = [self] {
    auto& st = self->state;
    self->send(st.settings.owner, plugin_stopped{st.settings.name, st.settings.run, "ended as it was told to", ""});
    self->quit();
  };
  auto& me = st.table.self();
  if (me.empty() || st.daemon.presence != slm_presence::present)
    return end();
  auto said = [self, end](const slm_answer&) {
    if (--self->state.farewells == 0)
      end();
  };
  st.farewells = st.held.size() + 1;
  for (auto& [name, since] : st.held)
    ask(self, ask_mesh_lock(mesh_lock_action::release, lock_name(name), me), said);
  ask(self, deregister_mesh_peer(me), said);
  self->delayed_send(self, end_limit, mesh_tick{});
}

} // namespace

mesh_plugin_state::~mesh_plugin_state() {
  if (settings.port)
    settings.port->mesh_wanted = false;
}

mesh_plugin_actor::behavior_type mesh_plugin(pointer self, mesh_plugin_settings settings) {
  auto& state = self->state;
  state.settings = std::move(settings);
  state.table = mesh_table{read_usage_digest(state.settings.settings.view())};
  plugin_ready ready;
  ready.name = state.settings.name;
  ready.run = state.settings.run;
  ready.version = HUB_VERSION;
  ready.hooks = {plugin_hook::session_started, plugin_hook::session_ended, plugin_hook::after_call, plugin_hook::tools_changed};
  ready.settings_schema = json_text::of_literal(settings_schema);
  self->send(state.settings.owner, std::move(ready));
  self->send(state.settings.desk, open_mesh{caf::actor_cast<mesh_actor>(self)});
  self->send(state.settings.daemon, watch_slm{caf::actor_cast<slm_watcher_actor>(self)});
  return {
    [self](mesh_tick) {
      auto& st = self->state;
      st.ticking = false;
      if (st.ends_at && now_of(self) >= *st.ends_at) {
        self->send(st.settings.owner, plugin_stopped{st.settings.name, st.settings.run, "ended without a word to the mesh", ""});
        self->quit();
      } else {
        go_on(self);
      }
    },
    [self](const confirm_mesh_lock& x) { confirm(self, x.number); },
    [self](const slm_changed& x) {
      auto& st = self->state;
      auto was = std::exchange(st.daemon, x.state);
      if (st.daemon.life != was.life || st.daemon.presence != slm_presence::present) {
        st.table.forgotten();
        st.why.clear();
        st.register_at = time_point{};
      }
      tell_owner(self);
      go_on(self);
    },
    [self](const take_mesh_lock& x) { return take_lock(self, x); },
    [self](const release_mesh_lock& x) {
      auto& st = self->state;
      if (st.held.erase(x.name) > 0 && !st.table.self().empty())
        ask(self, ask_mesh_lock(mesh_lock_action::release, lock_name(x.name), st.table.self()), [](const slm_answer&) {});
    },
    [self](const get_report& x) { return tell(self, x); },
    [self](const plugin_news& x) {
      self->state.settings.gauge->leave(1, plugin_gauge::news_bytes);
      ++self->state.settings.gauge->told;
      take_news(self, *x.event);
    },
    [self](const calls_ended& x) {
      auto& st = self->state;
      st.settings.gauge->leave(x.records->size(), weight_of(*x.records));
      st.settings.gauge->told += x.records->size();
      if (st.table.self().empty())
        return;
      for (auto& record : *x.records)
        if (record.method == "tools/call")
          st.table.used(record.server, record.outcome != call_outcome::ok);
      go_on(self);
    },
    [](const before_call&) { return call_verdict{}; },
    [self](stop_plugin) { leave(self); },
  };
}

} // namespace hub
