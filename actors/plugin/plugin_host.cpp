#include "actors/plugin/plugin_host.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace hub {

namespace {

using pointer = plugin_host_actor::stateful_pointer<plugin_host_state>;
using time_point = lifecycle::time_point;

time_point now_of(pointer self) {
  return time_point{self->clock().now().time_since_epoch()};
}

/// Hands one of the news to a plugin, or counts it as dropped.
void tell(pointer self, plugin_entry& x, const plugin_event_ptr& event) {
  auto& gauge = *x.gauge;
  if (!x.actor)
    ++gauge.dropped;
  else if (gauge.enter(1, plugin_gauge::news_bytes))
    self->send(x.actor, plugin_news{event});
}

void spread(pointer self, const plugin_event_ptr& event) {
  auto hook = event->hook();
  auto& st = self->state;
  if (hook == plugin_hook::hub_started)
    st.started = event;
  for (auto& [name, x] : st.plugins)
    // One that has never shaken hands may want it.
    if (x.about.can_run() && (x.version.empty() || x.hooks.has(hook)))
      tell(self, x, event);
}

void spread(pointer self, const calls_ended& news) {
  auto& st = self->state;
  auto count = news.records->size();
  auto weight = weight_of(*news.records);
  st.settings.gauge->leave(count, weight);
  for (auto& [name, x] : st.plugins) {
    if (!x.about.can_run() || !x.hooks.has(plugin_hook::after_call))
      continue;
    if (!x.ready())
      x.gauge->dropped += count;
    else if (x.gauge->enter(count, weight))
      self->send(x.actor, news);
  }
}

/// Tells who else has to know which plugins want what.
void publish(pointer self) {
  auto& st = self->state;
  auto guards = std::make_shared<std::vector<call_guard>>();
  auto gauges = std::make_shared<plugin_gauges>();
  auto wanted = false;
  auto hears_calls = false;
  for (auto& [name, x] : st.plugins) {
    auto counts = x.about.can_run() && !x.removed;
    wanted = wanted || counts;
    hears_calls = hears_calls || (counts && x.hooks.has(plugin_hook::after_call));
    if (counts && gauges->size() < plugin_port::gauges_max)
      gauges->emplace_back(name, x.gauge);
    auto limit = verdict_limit(x.about, x.time_limit);
    auto denies = x.about.denies_without_verdict;
    if (x.ready() && x.hooks.has(plugin_hook::before_call))
      guards->push_back({name, x.actor, x.gauge, limit, denies});
    else if (denies && !x.ready() && x.about.enabled && !x.removed && x.may_guard())
      guards->push_back({name, {}, x.gauge, limit, true, x.why_not_ready()});
  }
  st.settings.port->gauges = std::move(gauges);
  st.settings.port->wanted = wanted;
  st.settings.gauge->wanted = hears_calls;
  auto had = st.guards != nullptr;
  st.guards = guards->empty() ? nullptr : std::move(guards);
  if (st.calls && (had || st.guards))
    self->send(st.calls, guards_changed{st.guards});
}

std::optional<time_point> next_due(pointer self, const plugin_entry& x) {
  if (x.deadline)
    return x.deadline;
  auto state = x.life.state();
  auto pauses = state == server_state::backing_off || state == server_state::failed;
  if (pauses && x.about.can_run() && !self->state.stopping)
    return x.life.next_try();
  return std::nullopt;
}

/// Sees to it that a tick comes when the next thing is due.
void arm(pointer self) {
  auto& st = self->state;
  std::optional<time_point> due;
  for (auto& [name, x] : st.plugins)
    if (auto next = next_due(self, x); next && (!due || *next < *due))
      due = next;
  if (!due || (st.armed && *st.armed <= *due))
    return;
  st.armed = due;
  self->delayed_send(self, std::max(*due - now_of(self), time_point::duration{0}), host_tick{++st.ticks});
}

void start(pointer self, plugin_entry& x) {
  auto& st = self->state;
  auto now = now_of(self);
  if (st.stopping || x.removed || !x.about.can_run() || x.life.need(now) != lifecycle::verdict::enqueue)
    return;
  x.life.start(now);
  x.deadline = now + st.settings.start_limit;
  x.run = ++st.runs;
  auto compiled = st.settings.compiled_in.find(x.about.name);
  auto& make = compiled != st.settings.compiled_in.end() ? compiled->second : st.settings.make_program;
  x.actor = make(self->system(), plugin_order{x.about, x.run, caf::actor_cast<plugin_owner>(self), x.gauge});
  self->monitor(x.actor);
  if (st.started)
    tell(self, x, st.started);
}

void start_all(pointer self) {
  for (auto& [name, x] : self->state.plugins)
    start(self, x);
}

void stop(pointer self, plugin_entry& x) {
  if (!x.actor || x.life.state() == server_state::stopping)
    return;
  auto now = now_of(self);
  x.life.stop(now);
  x.deadline = now + self->state.settings.stop_limit;
  self->send(x.actor, stop_plugin{});
}

void check_all_gone(pointer self) {
  auto& st = self->state;
  if (!st.stopping || std::ranges::any_of(st.plugins, [](auto& x) { return bool{x.second.actor}; }))
    return;
  for (auto& x : std::exchange(st.stoppers, {}))
    x.deliver(plugins_stopped{});
}

void ended(pointer self, plugin_entry& x, run_end how) {
  auto& st = self->state;
  auto now = now_of(self);
  auto crashes = x.life.crashes();
  x.actor = plugin_actor{};
  x.pid = 0;
  x.deadline.reset();
  x.state.clear();
  x.facts = {};
  // What waited for it is gone.
  x.gauge->dropped += x.gauge->records.exchange(0);
  x.gauge->bytes = 0;
  x.life.end(std::move(how), now, st.random);
  if (x.life.crashes() != crashes && !st.stopping) {
    auto& last = x.life.last_failure();
    spdlog::warn("plugin {} {}{}; {}", x.about.name, last.cause,
                 last.last_stderr.empty() ? "" : "; its last words: " + last.last_stderr.back(),
                 x.life.state() == server_state::known ? "it is started again"
                                                       : "it pauses for " + std::to_string(x.life.pause_left(now).count()) + " ms");
  }
  if (x.removed)
    st.plugins.erase(std::string{x.about.name});
  else
    start(self, x);
  publish(self);
  check_all_gone(self);
  arm(self);
}

plugin_entry* of_run(pointer self, const std::string& name, uint64_t run) {
  auto& plugins = self->state.plugins;
  auto i = plugins.find(name);
  return i != plugins.end() && i->second.actor && i->second.run == run ? &i->second : nullptr;
}

void take_greeting(pointer self, const plugin_ready& news) {
  auto* x = of_run(self, news.name, news.run);
  if (x == nullptr || x->life.state() != server_state::starting)
    return;
  x->life.ready(now_of(self));
  x->deadline.reset();
  x->version = news.version.empty() ? "?" : news.version;
  x->hooks = news.hooks;
  x->settings_schema = news.settings_schema;
  x->time_limit = news.time_limit;
  x->pid = news.pid;
  spdlog::info("plugin {} {} is ready", x->about.name, x->version);
  publish(self);
}

void configure(pointer self, const configure_plugins& news) {
  auto& st = self->state;
  auto now = now_of(self);
  st.folder = news.folder;
  for (auto i = st.plugins.begin(); i != st.plugins.end();) {
    auto& x = i->second;
    if (std::ranges::find(news.plugins, x.about.name, &plugin_description::name) == news.plugins.end()) {
      x.removed = true;
      stop(self, x);
    }
    i = x.removed && !x.actor ? st.plugins.erase(i) : std::next(i);
  }
  for (auto& about : news.plugins) {
    auto i = st.plugins.find(about.name);
    if (i == st.plugins.end()) {
      st.plugins.emplace(about.name, plugin_entry{about, lifecycle{true, now}});
      continue;
    }
    auto& x = i->second;
    auto goes_on = !x.removed && x.about.same_run(about);
    x.removed = false;
    x.about = about;
    if (goes_on)
      continue;
    x.life.forgive(now);
    stop(self, x);
  }
  start_all(self);
  publish(self);
  arm(self);
}

void tick(pointer self) {
  auto& st = self->state;
  st.armed.reset();
  auto now = now_of(self);
  for (auto& [name, x] : st.plugins) {
    if (auto due = next_due(self, x); !due || *due > now)
      continue;
    if (x.life.state() == server_state::starting) {
      x.life.give_up({"did not answer initialize within " + std::to_string(st.settings.start_limit.count() / 1000) + " s",
                      "See `slm-hub plugins logs " + name + "`.", {}, false},
                     now);
      x.deadline = now + st.settings.stop_limit;
      self->send(x.actor, stop_plugin{});
    } else if (x.life.state() == server_state::stopping) {
      // Its program goes with it; the end comes as a down message.
      x.deadline.reset();
      caf::anon_send_exit(x.actor, caf::exit_reason::kill);
    } else {
      start(self, x);
    }
  }
  arm(self);
}

} // namespace

plugin_host_state::~plugin_host_state() {
  for (auto& [name, x] : plugins)
    if (x.actor)
      caf::anon_send_exit(x.actor, caf::exit_reason::kill);
  settings.port->wanted = false;
  settings.gauge->wanted = false;
}

plugin_host_actor::behavior_type plugin_host(pointer self, plugin_host_settings settings) {
  self->state.random.seed(settings.seed);
  self->state.settings = std::move(settings);
  self->state.settings.gauge->wanted = false;
  self->set_down_handler([self](const caf::down_msg& down) {
    for (auto& [name, x] : self->state.plugins)
      if (x.actor && x.actor.address() == down.source)
        return ended(self, x, {"ended without a word: " + to_string(down.reason), "This is a fault of the hub.", {}, false});
  });
  return {
    [self](const stop_plugins&) -> caf::result<plugins_stopped> {
      auto& st = self->state;
      st.stopping = true;
      auto promise = self->make_response_promise<plugins_stopped>();
      st.stoppers.emplace_back(promise);
      for (auto& [name, x] : st.plugins)
        stop(self, x);
      check_all_gone(self);
      arm(self);
      return promise;
    },
    [self](const configure_plugins& x) { configure(self, x); },
    [self](const meet_guarded& x) {
      self->state.calls = x.calls;
      publish(self);
    },
    [self](const host_tick& x) {
      if (x.number == self->state.ticks)
        tick(self);
    },
    [self](const plugin_news& x) { spread(self, x.event); },
    [self](const plugin_ready& x) {
      take_greeting(self, x);
      arm(self);
    },
    [self](const plugin_told& x) {
      if (auto i = self->state.plugins.find(x.name); i != self->state.plugins.end()) {
        i->second.state = x.state;
        i->second.facts = x.facts;
      }
    },
    [self](plugin_stopped& x) {
      if (auto* entry = of_run(self, x.name, x.run))
        ended(self, *entry, {std::move(x.cause), std::move(x.fix), std::move(x.last_stderr), x.hopeless});
    },
    [self](const calls_ended& x) { spread(self, x); },
    [](settle_records) {
      // Plugins have what came before.
      return records_settled{};
    },
    [self](const requests_refused& x) { self->state.settings.gauge->leave(x.refusals.size(), 0); },
    [self](const get_report& x) {
      auto& st = self->state;
      if (x.what != "plugins")
        return report{404, "application/json", R"({"error":"There is no such report","fix":"Ask for plugins"})"};
      return report{200, "application/json", plugins_json(st.plugins, st.folder, now_of(self))};
    },
  };
}

} // namespace hub
