#include "actors/backend/backend.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <ctime>
#include <utility>

namespace hub {

namespace {

using pointer = backend_actor::stateful_pointer<backend_state>;

constexpr std::chrono::milliseconds tick_length{250};

server_protocol::time_point now_of(pointer self) {
  return server_protocol::time_point{self->clock().now().time_since_epoch()};
}

/// Why a call that was in flight got no answer.
std::shared_ptr<const failure> crashed(const std::string& server, const backend_stopped& x) {
  auto text = "server " + server + " " + x.cause + " while this call was in flight";
  if (!x.last_stderr.empty())
    text += "; its last words: " + x.last_stderr.back();
  // Where somebody has to mend something, the next call helps nobody.
  auto fix = x.hopeless && !x.fix.empty()
               ? x.fix
               : "It is started again on the next call; see `slm-hub logs " + server + "`.";
  return std::make_shared<failure>(failure{failure::kind::crashed, server, std::move(text), std::move(fix)});
}

/// This run does not take a call: another one may.
rpc_answer stopping(const std::string& server) {
  rpc_answer answer;
  answer.kind = answer_kind::failure;
  answer.why = std::make_shared<failure>(failure{failure::kind::stopping, server, "server " + server + " is stopping",
                                                 "Call again; it is started anew."});
  return answer;
}

rpc_answer too_many_wait(const backend_settings& x) {
  rpc_answer answer;
  answer.kind = answer_kind::failure;
  answer.why = std::make_shared<failure>(
    failure{failure::kind::overloaded, x.server,
            "server " + x.server + " carries " + std::to_string(x.max_concurrent) + " calls, and "
              + std::to_string(waiting_calls::limit) + " wait for it",
            "Wait for some of them to end, or raise \"max_concurrent\" for it in the configuration."});
  return answer;
}

/// Calls that wait were not sent, so that another run may have them.
void give_up_waiting(pointer self) {
  auto& st = self->state;
  for (auto call : st.line.clear())
    if (auto i = st.owed.find(call); i != st.owed.end()) {
      i->second.asker.deliver(stopping(st.settings.server));
      st.owed.erase(i);
    }
}

/// Hands the server the calls whose turn it is.
void send_waiting(pointer self) {
  auto& st = self->state;
  while (!st.line.empty() && st.protocol.open_calls() < st.settings.max_concurrent) {
    auto next = *st.line.next();
    if (auto i = st.owed.find(next.call); i != st.owed.end())
      i->second.let_through = now_of(self);
    st.protocol.request(next);
  }
}

/// Ends the run: everybody is answered, the supervisor is told, the actor quits.
void end_run(pointer self, backend_stopped last_words) {
  auto& st = self->state;
  give_up_waiting(self);
  auto why = crashed(st.settings.server, last_words);
  st.protocol.close(why);
  for (auto& x : std::exchange(st.protocol.out.answers, {}))
    if (auto i = st.owed.find(x.call); i != st.owed.end()) {
      i->second.asker.deliver(std::move(x.answer));
      st.owed.erase(i);
    }
  last_words.server = st.settings.server;
  last_words.run = st.settings.run;
  self->send(st.settings.supervisor, std::move(last_words));
  self->quit();
}

void open_transport(pointer self) {
  auto& st = self->state;
  auto opened = st.settings.open(self->system(), caf::actor_cast<transport_owner>(self), st.secrets);
  if (auto* failed = std::get_if<open_failure>(&opened)) {
    backend_stopped x;
    x.cause = std::move(failed->cause);
    x.fix = std::move(failed->fix);
    x.hopeless = true;
    end_run(self, std::move(x));
    return;
  }
  st.transport = std::get<transport_actor>(std::move(opened));
}

void tell_ready(pointer self) {
  auto& st = self->state;
  self->send(st.settings.supervisor, backend_ready{st.settings.server, st.settings.run, st.pid,
                                                   st.protocol.stateless(), st.spoken});
}

void keep_ticking(pointer self);
void act(pointer self);
bool act_on_more(pointer self);

/// Ends the connection, and with it the run.
void close(pointer self) {
  auto& st = self->state;
  if (std::exchange(st.closing, true))
    return;
  if (st.transport)
    self->send(st.transport, close_transport{});
  else
    end_run(self, backend_stopped{"", 0, "was stopped", "", {}, true, false});
}

/// Has a question of the server answered, and tells it the answer.
void put_question(pointer self, server_protocol::question x) {
  auto answer = [self, id = std::move(x.id)](const rpc_answer& y) {
    self->state.protocol.answer_question(id, y);
    act(self);
  };
  auto nobody = [answer](const caf::error&) {
    rpc_answer y;
    y.kind = answer_kind::cancelled;
    answer(y);
  };
  if (x.to)
    self->request(x.to, caf::infinite, std::move(x.what)).then(answer, nobody);
  else
    self->request(x.session, caf::infinite, client_question{{}, std::move(x.what.method), std::move(x.what.params)})
      .then(answer, nobody);
}

/// Does what the protocol has left to do.
void act(pointer self) {
  auto& st = self->state;
  if (!st.line.empty())
    send_waiting(self);
  auto& out = st.protocol.out;
  for (auto& x : out.to_server)
    self->send(st.transport, send_message{std::move(x.message), x.id, std::move(x.http)});
  out.to_server.clear();
  for (auto id : out.abandoned)
    self->send(st.transport, abandon_request{id});
  out.abandoned.clear();
  // Notifications go first: they must arrive before the answer.
  for (auto& x : out.events)
    if (x.to.gate)
      self->send(x.to.gate, stream_event{x.to.id, std::move(x.message)});
  out.events.clear();
  for (auto& x : out.answers) {
    auto i = st.owed.find(x.call);
    if (i == st.owed.end())
      continue;
    x.answer.let_through = i->second.let_through;
    i->second.asker.deliver(std::move(x.answer));
    st.owed.erase(i);
  }
  out.answers.clear();
  if (out.has_more() && !act_on_more(self))
    return;
  if (st.stop_asked && !st.closing && st.protocol.open_calls() == 0)
    return close(self);
  keep_ticking(self);
}

/// Does what is rarely to be done.
/// @returns False if the run is over.
bool act_on_more(pointer self) {
  auto& st = self->state;
  auto& out = st.protocol.out;
  for (auto& x : std::exchange(out.questions, {}))
    put_question(self, std::move(x));
  for (auto& [asked, call] : std::exchange(out.doubts, {}))
    self->send(asked, question_in_doubt{call});
  for (auto& x : std::exchange(out.notices, {}))
    self->send(x.to, session_notice{std::move(x.message)});
  for (auto& [id, answer] : std::exchange(out.watch_answers, {}))
    if (auto i = st.watchers.find(id); i != st.watchers.end()) {
      i->second.deliver(std::move(answer));
      st.watchers.erase(i);
    }
  for (auto& x : std::exchange(out.updated_resources, {}))
    if (st.settings.watches)
      self->send(st.settings.watches, resource_updated{st.settings.server, std::move(x)});
  for (auto& x : out.remarks)
    spdlog::warn("server {} {}", st.settings.server, x);
  out.remarks.clear();
  if (std::exchange(out.became_ready, false)) {
    tell_ready(self);
    if (st.settings.watches)
      self->send(st.settings.watches, server_ready{st.settings.server, caf::actor_cast<backend_actor>(self)});
  }
  if (auto learned = std::exchange(out.learned, nullptr)) {
    learned->fingerprint = st.settings.fingerprint;
    learned->learned_at = std::time(nullptr);
    self->send(st.settings.supervisor, catalogue_learned{learned});
    if (st.settings.catalog)
      self->send(st.settings.catalog, catalogue_learned{learned});
  }
  if (auto why = std::exchange(out.refused, std::nullopt)) {
    self->send(st.transport, close_transport{});
    backend_stopped x;
    x.cause = "refused the connection: " + *why;
    x.fix = "Check that it is an MCP server and that its version is current; see `slm-hub logs "
            + st.settings.server + "`.";
    end_run(self, std::move(x));
    return false;
  }
  return true;
}

void keep_ticking(pointer self) {
  auto& st = self->state;
  if (st.ticking || !st.protocol.needs_tick())
    return;
  st.ticking = true;
  self->delayed_send(self, tick_length, backend_tick{});
}

} // namespace

backend_state::~backend_state() {
  if (transport)
    caf::anon_send_exit(transport, caf::exit_reason::kill);
}

backend_actor::behavior_type backend(pointer self, backend_settings settings) {
  auto& st = self->state;
  st.protocol = server_protocol{settings.server, settings.era, settings.limits, settings.traits};
  st.settings = std::move(settings);
  // Opened by a message, so that the supervisor knows us before we report.
  self->send(self, start_backend{});
  // CAF tries them in order: first those that each call needs.
  return {
    [self](const backend_request& x) -> caf::result<rpc_answer> {
      auto& st = self->state;
      auto promise = self->make_response_promise<rpc_answer>();
      if (!st.protocol.ready() || st.stop_asked) {
        promise.deliver(stopping(st.settings.server));
        return promise;
      }
      auto waits = st.settings.max_concurrent != 0 && st.protocol.open_calls() >= st.settings.max_concurrent;
      if (waits && st.line.full()) {
        promise.deliver(too_many_wait(st.settings));
        return promise;
      }
      st.owed.emplace(x.call, backend_state::debt{reply<rpc_answer>{promise}});
      if (waits) {
        st.line.add(x);
        return promise;
      }
      st.protocol.request(x);
      act(self);
      return promise;
    },
    [self](const transport_changed& x) { self->state.spoken = x.spoken; },
    [self](messages_received& x) {
      auto now = now_of(self);
      for (auto& message : x.messages)
        self->state.protocol.receive(std::move(message.text), message.cause, now);
      act(self);
    },
    [self](start_backend) {
      auto& st = self->state;
      if (!st.settings.make_fetcher)
        return open_transport(self);
      auto open = [self](secrets_fetched x) {
        self->state.secrets = std::move(x.secrets);
        if (!self->state.closing)
          open_transport(self);
      };
      self->request(st.settings.make_fetcher(self->system()), caf::infinite, fetch_secrets{st.settings.secrets})
        .then(open, [open](const caf::error&) { open({}); });
    },
    [self](backend_tick) {
      self->state.ticking = false;
      self->state.protocol.tick(now_of(self));
      act(self);
    },
    [self](const transport_opened& x) {
      auto& st = self->state;
      st.pid = x.pid;
      self->send(st.settings.supervisor, backend_spawned{st.settings.server, st.settings.run, x.pid});
      st.protocol.open(now_of(self));
      act(self);
    },
    [self](const request_failed& x) {
      self->state.protocol.fail(x, now_of(self));
      act(self);
    },
    [self](const transport_closed& x) {
      auto& st = self->state;
      st.transport = nullptr;
      if (st.protocol.only_probed() && !st.settings.traits.http && !st.stop_asked && !x.never_started) {
        // A strict server that ends when the first message is not `initialize`.
        spdlog::info("server {} {} when it was probed; it is started again with the handshake",
                     st.settings.server, x.cause);
        st.protocol = server_protocol{st.settings.server, known_era::handshake, st.settings.limits,
                                      st.settings.traits};
        open_transport(self);
        return;
      }
      end_run(self, backend_stopped{"", 0, x.cause, x.fix, x.last_stderr,
                                    st.stop_asked || x.asked_for, x.never_started});
    },
    [self](const cancel_request& x) {
      auto& st = self->state;
      if (!st.line.empty() && st.line.remove(x.call)) {
        st.owed.erase(x.call);
        return;
      }
      st.protocol.cancel(x.call, x.reason);
      act(self);
    },
    [self](const redirect_call& x) { self->state.protocol.redirect(x); },
    [self](join_call& x) {
      // Its call may be answered already, or wait in the line.
      if (self->state.owed.contains(x.call))
        self->state.protocol.join(std::move(x));
    },
    [self](const leave_call& x) { self->state.protocol.leave(x); },
    [self](const notify_server& x) {
      self->state.protocol.notify(x.method);
      act(self);
    },
    [self](read_lists_again) {
      self->state.protocol.read_lists_again(now_of(self));
      act(self);
    },
    [self](const watch_resources& x) -> caf::result<rpc_answer> {
      auto& st = self->state;
      auto id = st.protocol.watch(x.uris);
      auto promise = self->make_response_promise<rpc_answer>();
      if (id != 0) {
        st.watchers.emplace(id, reply<rpc_answer>{promise});
      } else {
        rpc_answer done;
        done.body = json_text::of_literal("{}");
        promise.deliver(std::move(done));
      }
      act(self);
      return promise;
    },
    [self](const stop_backend& x) {
      auto& st = self->state;
      if (x.only_if_idle && st.protocol.open_calls() != 0) {
        tell_ready(self);
        return;
      }
      st.stop_asked = true;
      give_up_waiting(self);
      if (!x.drain || st.protocol.open_calls() == 0)
        close(self);
    },
  };
}

} // namespace hub
