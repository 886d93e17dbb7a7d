#include "actors/plugin/plugin_process.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace hub {

namespace {

using pointer = plugin_process_actor::stateful_pointer<plugin_process_state>;

constexpr std::chrono::milliseconds tick_length{250};

/// How long a program has between one means of ending it and the next: if it was told to end,
/// and if it has gone wrong.
constexpr uint32_t grace_ms = 2000;
constexpr uint32_t short_grace_ms = 200;

plugin_protocol::time_point now_of(pointer self) {
  return plugin_protocol::time_point{self->clock().now().time_since_epoch()};
}

void close(pointer self, uint32_t grace) {
  auto& st = self->state;
  if (!std::exchange(st.closing, true) && st.transport)
    self->send(st.transport, close_transport{grace});
}

void log(const std::string& plugin, const plugin_protocol::remark& x) {
  auto level = x.level == "error"     ? spdlog::level::err
               : x.level == "warning" ? spdlog::level::warn
               : x.level == "debug"   ? spdlog::level::debug
                                      : spdlog::level::info;
  spdlog::log(level, "plugin {}: {}", plugin, x.text);
}

void keep_ticking(pointer self) {
  auto& st = self->state;
  if (!st.protocol->waits() || std::exchange(st.ticking, true))
    return;
  self->delayed_send(self, tick_length, process_tick{});
}

/// Does what the protocol wants to have done.
void act(pointer self) {
  auto& st = self->state;
  auto out = std::exchange(st.protocol->out, {});
  st.settings.gauge->told += out.notified;
  if (!st.closing)
    for (auto& x : out.messages) {
      *st.unwritten += x.size() + 1;
      self->send(st.transport, send_message{std::move(x)});
    }
  for (auto& [id, verdict] : out.verdicts)
    if (auto i = st.owed.find(id); i != st.owed.end()) {
      i->second.deliver(std::move(verdict));
      st.owed.erase(i);
    }
  for (auto& x : out.remarks)
    log(st.settings.plugin.name, x);
  if (out.ready) {
    st.time_limit = verdict_limit(st.settings.plugin, out.ready->time_limit);
    out.ready->name = st.settings.plugin.name;
    out.ready->run = st.settings.run;
    out.ready->pid = st.pid;
    self->send(st.settings.owner, std::move(*out.ready));
  }
  if (out.told)
    self->send(st.settings.owner, std::move(*out.told));
  if (out.failed) {
    st.failed = std::move(out.failed);
    // Whoever waits goes on without it.
    st.owed.clear();
    close(self, short_grace_ms);
  }
  keep_ticking(self);
}

/// Ends the run: the owner is told, the actor quits.
void end_run(pointer self, plugin_stopped why) {
  auto& st = self->state;
  st.owed.clear();
  why.name = st.settings.plugin.name;
  why.run = st.settings.run;
  self->send(st.settings.owner, std::move(why));
  self->quit();
}

void open_transport(pointer self) {
  auto& st = self->state;
  auto opened = st.settings.open(self->system(), caf::actor_cast<transport_owner>(self), st.unwritten);
  if (auto* failed = std::get_if<plugin_stopped>(&opened))
    return end_run(self, std::move(*failed));
  st.transport = std::get<transport_actor>(std::move(opened));
}

} // namespace

plugin_process_actor::behavior_type plugin_process(pointer self, plugin_process_settings settings) {
  self->state.protocol.emplace(settings.plugin.name, settings.plugin.settings);
  self->state.settings = std::move(settings);
  // Its owner knows of it before it tells anything.
  self->send(self, process_tick{});
  self->state.ticking = true;
  return {
    [self](process_tick) {
      auto& st = self->state;
      st.ticking = false;
      if (!st.transport && !st.closing)
        return open_transport(self);
      st.protocol->tick(now_of(self));
      act(self);
    },
    [self](const transport_opened& x) {
      self->state.pid = x.pid;
      self->state.protocol->open();
      act(self);
    },
    [](const transport_changed&) {
      // Of HTTP alone.
    },
    [self](const messages_received& x) {
      auto now = now_of(self);
      for (auto& message : x.messages)
        self->state.protocol->receive(message.text, now);
      act(self);
    },
    [](const request_failed&) {
      // Of HTTP alone.
    },
    [self](transport_closed& x) {
      auto& failed = self->state.failed;
      plugin_stopped why;
      if (failed)
        why = std::move(*failed);
      else
        why = {{}, 0, std::move(x.cause), std::move(x.fix), {}, x.never_started};
      why.last_stderr = std::move(x.last_stderr);
      end_run(self, std::move(why));
    },
    [self](const plugin_news& x) {
      auto& st = self->state;
      auto& gauge = *st.settings.gauge;
      gauge.leave(1, plugin_gauge::news_bytes);
      if (st.closing || !st.protocol->tell(x.event, *st.unwritten))
        ++gauge.dropped;
      act(self);
    },
    [self](const calls_ended& x) {
      auto& st = self->state;
      auto& gauge = *st.settings.gauge;
      auto count = x.records->size();
      gauge.leave(count, weight_of(*x.records));
      gauge.dropped += st.closing ? count : st.protocol->tell(*x.records, *st.unwritten);
      act(self);
    },
    [self](const before_call& x) -> caf::result<call_verdict> {
      auto& st = self->state;
      if (st.closing)
        return call_verdict{call_verdict::kind::none};
      auto id = st.protocol->ask(*x.call, *st.unwritten, now_of(self) + st.time_limit);
      if (!id)
        return call_verdict{call_verdict::kind::none};
      auto promise = self->make_response_promise<call_verdict>();
      st.owed.emplace(*id, reply<call_verdict>{promise});
      act(self);
      return promise;
    },
    [self](stop_plugin) {
      auto& st = self->state;
      if (!st.transport)
        return end_run(self, {{}, 0, "was not started yet", {}});
      close(self, grace_ms);
    },
  };
}

} // namespace hub
