#include "actors/supervisor/supervision.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace hub {

namespace {

std::string seconds_text(std::chrono::milliseconds time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

} // namespace

void supervisor::enqueue(supervised_server& server, urgency why, std::string reason) {
  if (server.life.need(now()) == lifecycle::verdict::enqueue || server.life.state() == server_state::queued) {
    server.why = std::move(reason);
    queue_.add(server.place, why);
  }
}

void supervisor::start_next() {
  while (auto place = queue_.next())
    start(servers_[*place]);
}

void supervisor::start(supervised_server& server) {
  auto& config = server.facts.config;
  server.life.start(now());
  server.mended = false;
  server.learned = false;
  server.may_stay = false;
  server.pid = 0;
  server.deadline = now() + server.start_limit(settings_.start_limit);
  server.run = ++runs_;
  server.backend = settings_.make_backend(
    system(), backend_order{config, server.run, server.facts.era, caf::actor_cast<supervisor_actor>(this),
                            server.facts.log, server.client, server.session,
                            server.exclusive()});
  monitor(server.backend);
}

void supervisor::became_ready(supervised_server& server, const backend_ready& x) {
  auto state = server.life.state();
  if (state != server_state::starting && !(state == server_state::stopping && server.may_stay))
    return;
  if (state == server_state::starting)
    spdlog::info("server {} is ready{}", server.name(),
                 x.pid != 0 ? " (pid " + std::to_string(x.pid) + ")" : std::string{});
  else
    // It is busy for somebody.
    server.learning = false;
  queue_.finished(server.place);
  server.life.ready(now());
  server.deadline.reset();
  server.mended = false;
  server.may_stay = false;
  server.pid = x.pid;
  server.spoken = x.spoken;
  server.fix.clear();
  server.wants_login = false;
  server.facts.era = x.stateless ? era::stateless : era::handshake;
  server.last_used = server.last_measured = now();
  if (!server.exclusive() && !std::exchange(server.connected, true))
    tell_plugins(settings_.plugins,
                 plugin_event::server_connected{server.name(), x.pid, x.stateless, server.scope != 0});
  answer_waiters(server);
  stop_if_learned(server);
  start_next();
}

void supervisor::ended(supervised_server& server, run_end how) {
  auto asked = server.life.state() == server_state::stopping;
  auto was_starting = server.life.state() == server_state::starting;
  queue_.finished(server.place);
  auto crashes = server.life.crashes();
  server.life.end(std::move(how), now(), random_);
  server.backend = backend_actor{};
  server.pid = 0;
  server.deadline.reset();
  server.learning = false;
  auto& last = server.life.last_failure();
  auto state = server.life.state();
  disconnected(server, server.life.crashes() != crashes ? last.cause : server.why,
               server.life.crashes() == crashes);
  if (server.life.crashes() != crashes) {
    server.last_error = last.cause;
    server.fix = last.fix;
    // Elsewhere the error itself says why.
    server.why = state == server_state::known ? "it " + last.cause : "";
    if (was_starting || state == server_state::failed)
      // It may have changed so that what was known of it does not hold.
      server.facts.era.reset();
    spdlog::warn("server {} {}{}; {}", server.name(), last.cause,
                 last.last_stderr.empty() ? "" : "; its last words: " + last.last_stderr.back(),
                 state == server_state::known
                   ? "the next call starts it again"
                   : "it pauses for " + seconds_text(server.life.pause_left(now())));
  }
  if (shutting_down_ || server.released) {
    answer_waiters(server);
    check_all_gone();
    start_next();
    return;
  }
  if (std::exchange(server.mended, false))
    forgive(server);
  if (!server.restarters.empty() && asked) {
    server.life.forgive(now());
    enqueue(server, urgency::caller, "a restart was asked for");
  } else if (asked && state == server_state::known && !server.waiters.empty()) {
    enqueue(server, urgency::caller, "a call needs it");
  } else {
    answer_waiters(server);
    if (server.facts.config.always_on() && state == server_state::known)
      enqueue(server, urgency::background, "it is always on");
  }
  start_next();
}

void supervisor::disconnected(supervised_server& server, std::string cause, bool asked_for) {
  if (std::exchange(server.connected, false))
    tell_plugins(settings_.plugins, plugin_event::server_disconnected{server.name(), std::move(cause), asked_for,
                                                                      server.scope != 0});
}

/// Answers everybody who waits for the server with how things stand.
void supervisor::answer_waiters(supervised_server& server) {
  auto ready = server.life.state() == server_state::ready;
  auto waiters = std::exchange(server.waiters, {});
  waiting_ -= waiters.size();
  auto restarters = std::exchange(server.restarters, {});
  if (waiters.empty() && restarters.empty())
    return;
  auto why = ready ? nullptr : shutting_down_ ? shutting_down_refusal(server.name()) : server.refusal(now());
  for (auto& waiter : waiters)
    waiter.deliver(ready ? backend_lease{server.backend, nullptr} : backend_lease{{}, why});
  for (auto& restarter : restarters)
    restarter.deliver(ready ? server_restarted{true, "Server " + server.name() + " runs again."}
                            : server_restarted{false, why->cause + ". " + why->fix});
}

void supervisor::stop(supervised_server& server, bool only_if_idle, std::string reason) {
  server.why = std::move(reason);
  queue_.finished(server.place);
  server.life.stop(now());
  server.may_stay = only_if_idle;
  server.deadline = now() + settings_.stop_limit;
  send(server.backend, stop_backend{only_if_idle});
}

/// A server that was started to learn its tools is stopped when that is done,
/// unless somebody has come to need it.
void supervisor::stop_if_learned(supervised_server& server) {
  if (server.learning && server.learned && server.life.state() == server_state::ready)
    stop(server, true, "its tools are known and nobody needs it");
}

/// What kept the server from running has been mended.
void supervisor::forgive(supervised_server& server) {
  server.life.forgive(now());
  server.last_error.clear();
  server.fix.clear();
  server.wants_login = false;
  if (server.life.state() == server_state::known && server.facts.config.always_on()) {
    enqueue(server, urgency::background, "it is always on");
  } else if (server.life.state() == server_state::known && settings_.learn_unknown && server.facts.offer.tools < 0) {
    server.learning = true;
    enqueue(server, urgency::background, "its tools are to be learnt");
  }
}

/// A server that takes nothing without a login is failed until there is one, so
/// that everybody hears the same; calls that are in flight there are refused anyway.
void supervisor::authorization(supervised_server& server, const authorization_changed& x) {
  auto state = server.life.state();
  server.wants_login = !x.granted;
  if (x.granted) {
    if (state == server_state::failed || state == server_state::backing_off) {
      forgive(server);
      start_next();
    } else {
      server.mended = state == server_state::starting || state == server_state::stopping;
    }
    return;
  }
  if (state != server_state::ready && state != server_state::starting)
    return;
  server.life.give_up({x.cause, x.fix, {}, true}, now());
  server.mended = false;
  server.may_stay = false;
  queue_.finished(server.place);
  server.deadline = now() + settings_.stop_limit;
  send(server.backend, stop_backend{});
}

void supervisor::check_all_gone() {
  if (downs_.empty() || !retiring_.empty()
      || std::any_of(servers_.begin(), servers_.end(), [](auto& x) { return bool{x.backend}; }))
    return;
  for (auto& down : std::exchange(downs_, {}))
    down.deliver(shut_down_done{killed_});
}

std::optional<supervisor::time_point> supervisor::next_due_while_ready(const supervised_server& server) const {
  std::optional<time_point> result;
  if (auto idle = server.idle_limit(settings_.idle_limit); !server.always_on() && idle.count() != 0)
    result = server.last_used + idle;
  if (server.memory_limit() > 0 && server.pid > 0) {
    auto measure = server.last_measured + memory_interval;
    result = result ? std::min(*result, measure) : measure;
  }
  return result;
}

std::optional<supervisor::time_point> supervisor::next_due(const supervised_server& server) const {
  switch (server.life.state()) {
    case server_state::starting:
    case server_state::stopping:
      return server.deadline;
    case server_state::ready:
      if (server.learning)
        return server.life.since() + server.start_limit(settings_.start_limit);
      return next_due_while_ready(server);
    case server_state::backing_off:
    case server_state::failed:
      if (server.always_on() && !shutting_down_)
        return server.life.next_try();
      return std::nullopt;
    case server_state::disabled:
    case server_state::known:
    case server_state::queued:
      return std::nullopt;
  }
  return std::nullopt;
}

/// Sees to it that a tick comes when the next thing is due, and none otherwise.
void supervisor::arm() {
  std::optional<time_point> due;
  for (auto& server : servers_)
    if (auto x = next_due(server); x && (!due || *x < *due))
      due = x;
  for (auto& x : retiring_)
    if (x.deadline && (!due || *x.deadline < *due))
      due = x.deadline;
  if (!due || (armed_ && *armed_ <= *due))
    return;
  armed_ = due;
  delayed_send(this, std::max(*due - now(), time_point::duration{0}), supervisor_tick{++ticks_});
}

void supervisor::tick(const supervisor_tick& x) {
  if (x.number != ticks_)
    return;
  armed_.reset();
  auto time = now();
  for (auto& server : servers_)
    if (auto due = next_due(server); due && *due <= time)
      do_what_is_due(server, time);
  for (auto& x : retiring_)
    if (x.deadline && *x.deadline <= time)
      hurry(x);
  start_next();
  arm();
}

void supervisor::do_what_is_due(supervised_server& server, time_point time) {
  switch (server.life.state()) {
    case server_state::starting: {
      auto limit = server.start_limit(settings_.start_limit);
      server.life.give_up({"was not ready within " + seconds_text(limit),
                           "If it needs longer, raise \"start_timeout\" (in seconds) for it in the configuration.",
                           {}, false},
                          time);
      queue_.finished(server.place);
      server.deadline = time + settings_.stop_limit;
      send(server.backend, stop_backend{});
      break;
    }
    case server_state::stopping:
      // Its children go with it; the end comes as a down message.
      killed_ += shutting_down_ ? 1 : 0;
      server.deadline.reset();
      caf::anon_send_exit(server.backend, caf::exit_reason::kill);
      break;
    case server_state::ready:
      watch_memory(server, time);
      if (auto due = next_due(server); server.life.state() != server_state::ready || !due || *due > time)
        break;
      spdlog::info("server {} is stopped, because nobody needs it", server.name());
      stop(server, true, server.learning ? "nobody needs it" : "nobody has used it for "
                                                               + seconds_text(server.idle_limit(settings_.idle_limit)));
      break;
    default:
      enqueue(server, urgency::background, "it is always on");
  }
}

void supervisor::watch_memory(supervised_server& server, time_point time) {
  if (!settings_.memory || server.memory_limit() <= 0 || time < server.last_measured + memory_interval)
    return;
  server.last_measured = time;
  send(settings_.memory, measure_memory{server.run, server.pid});
}

void supervisor::check_memory(supervised_server& server, int64_t used) {
  if (server.life.state() != server_state::ready || server.memory_limit() <= 0 || used <= server.memory_limit())
    return;
  auto time = now();
  auto mebibytes = [](int64_t x) { return std::to_string(x >> 20) + " MiB"; };
  server.life.give_up({"had " + mebibytes(used) + " of memory, more than the " + mebibytes(server.memory_limit())
                         + " that it may have",
                       "If it needs more, raise \"memory_mb\" for it in the configuration.",
                       {}, false},
                      time);
  server.may_stay = false;
  server.deadline = time + settings_.stop_limit;
  send(server.backend, stop_backend{});
}

} // namespace hub
