#include "actors/slm/slm_plugin.hpp"

#include "actors/slm/recalled_text.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/actor_clock.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace hub {

namespace {

using namespace std::chrono_literals;
using pointer = slm_plugin_actor::stateful_pointer<slm_plugin_state>;
using time_point = tool_reports::time;

/// How long the end may take, what is left to tell included.
constexpr auto end_limit = 2s;

/// How long nothing is told after a refusal that the next one would get, too.
constexpr auto refusal_pause = 60s;

constexpr size_t memories_wanted = 5;

/// How many events the daemon is asked for, with up to 1.3 KB each, and how often at most.
constexpr size_t events_wanted = 500;
constexpr auto behaviour_pause = 10min;

constexpr std::string_view settings_schema
  = R"({"type":"object","additionalProperties":false,"properties":{"summaries":{"enum":["names","values"]},"recall":{"type":"boolean"},"recall_wait_ms":{"type":"integer"},"left_out":{"type":"array"}}})";

time_point now_of(pointer self) {
  return time_point{self->clock().now().time_since_epoch()};
}

report_settings read_settings(pointer self, std::string_view json) {
  report_settings x;
  auto& st = self->state;
  if (rpc::member(json, "summaries") == "\"values\"")
    x.detail = summary_detail::values;
  st.recalls_wanted = rpc::member(json, "recall") != "false";
  auto wait = rpc::to_integer(rpc::member(json, "recall_wait_ms"));
  st.settings.port->wait_ms = std::clamp<int64_t>(wait.value_or(250), 0, 2000);
  rpc::for_each_element(rpc::member(json, "left_out"), [&](std::string_view name) {
    if (auto text = rpc::unquote(name))
      x.left_out.push_back(std::move(*text));
    return x.left_out.size() < 100;
  });
  return x;
}

/// In words: `connected (v4.1.18, mode a, 7 facts, profile default)`.
std::string words_of(const slm_state& x) {
  std::string result = to_string(x.presence);
  if (x.presence == slm_presence::present) {
    result += " (v" + x.version;
    if (!x.mode.empty())
      result += ", mode " + x.mode + ", " + std::to_string(x.facts) + " facts";
    return result + (x.profile.empty() ? ")" : ", profile " + x.profile + ")");
  }
  return x.cause.empty() ? result : result + ": " + x.url + " " + x.cause;
}

/// Has itself shown as it is.
void tell_owner(pointer self) {
  auto& st = self->state;
  slm_object facts;
  facts.text("url", st.daemon.url)
    .text("version", st.daemon.version)
    .text("mode", st.daemon.mode)
    .text("profile", st.daemon.profile)
    .number("facts", st.daemon.facts)
    .number("told", static_cast<int64_t>(st.told))
    .number("refused", static_cast<int64_t>(st.refused))
    .number("waiting", static_cast<int64_t>(st.reports->waiting()))
    .number("dropped", static_cast<int64_t>(st.reports->dropped()))
    .text("why", st.why);
  self->send(st.settings.owner, plugin_told{st.settings.name, words_of(st.daemon), json_text{facts.take()}});
}

void finish(pointer self) {
  auto& st = self->state;
  self->send(st.settings.owner, plugin_stopped{st.settings.name, st.settings.run, "ended as it was told to", ""});
  self->quit();
}

void pump(pointer self);

void arm(pointer self, time_point when) {
  if (std::exchange(self->state.ticking, true))
    return;
  auto pause = std::max<time_point::duration>(when == time_point::min() ? 0ms : when - now_of(self), 0ms);
  self->delayed_send(self, std::min<time_point::duration>(pause, 1s), slm_tick{});
}

void answered(pointer self, slm_request request, const slm_answer& answer) {
  auto& st = self->state;
  st.sending = false;
  switch (answer.outcome) {
    case slm_outcome::done:
      ++st.told;
      break;
    case slm_outcome::limited:
      st.quiet_until = now_of(self) + answer.pause;
      st.held = std::move(request);
      break;
    case slm_outcome::unreachable:
      st.held = std::move(request);
      st.quiet_until = now_of(self) + 1s;
      break;
    case slm_outcome::unauthorized:
      st.quiet_until = now_of(self) + refusal_pause;
      [[fallthrough]];
    default:
      ++st.refused;
      st.why = answer.cause;
  }
  if (st.reports->waiting() == 0 || answer.outcome != slm_outcome::done)
    tell_owner(self);
  pump(self);
}

/// Sends the next thing that is to be told, if it may.
void pump(pointer self) {
  auto& st = self->state;
  auto now = now_of(self);
  if (st.ends_at && (now >= *st.ends_at || st.daemon.presence != slm_presence::present))
    return finish(self);
  if (st.ends_at)
    arm(self, *st.ends_at);
  if (st.sending || st.daemon.presence != slm_presence::present)
    return;
  if (now < st.quiet_until)
    return arm(self, st.quiet_until);
  auto release = slm_release_of(st.daemon.version).value_or(slm_release{});
  auto next = st.held ? std::exchange(st.held, std::nullopt) : st.reports->next(now, release.has_session_routes());
  if (!next) {
    if (st.ends_at)
      return finish(self);
    if (auto due = st.reports->due())
      arm(self, *due);
    return;
  }
  st.sending = true;
  self->request(st.settings.daemon, caf::infinite, ask_slm{*next, true})
    .then([self, request = *next](const slm_answer& x) { answered(self, request, x); },
          [self](const caf::error&) {
            // The way to the daemon is gone, and so is the hub.
          });
}

/// Whether there is somebody to tell, or was.
bool listens(pointer self) {
  auto& x = self->state.daemon;
  return x.presence == slm_presence::present || x.presence == slm_presence::unknown || x.life > 0;
}

void search(pointer self, const get_recall& x) {
  self->request(self->state.settings.daemon, caf::infinite,
                ask_slm{ask_slm_recall(recall_query(x.project), x.session, memories_wanted)})
    .then(
      [self, project = x.project](const slm_answer& answer) {
        std::string text;
        if (answer.outcome == slm_outcome::done)
          text = recalled_text(read_slm_recall(answer.body, memories_wanted));
        self->state.memories.found(project, std::move(text), now_of(self));
      },
      [self, project = x.project](const caf::error&) { self->state.memories.found(project, {}, now_of(self)); });
}

/// Has what the daemon knows of the use of tools passed on to who predicts it.
void ask_behaviour(pointer self) {
  auto& st = self->state;
  auto now = now_of(self);
  if (!st.settings.port->behaviour_wanted || st.daemon.presence != slm_presence::present || now < st.behaviour_at || st.ends_at)
    return;
  st.behaviour_at = now + behaviour_pause;
  self->request(st.settings.daemon, caf::infinite, ask_slm{ask_slm_tool_events(events_wanted)})
    .then(
      [self](const slm_answer& x) {
        if (x.outcome == slm_outcome::done)
          self->send(self->state.settings.desk, behaviour_seen{std::make_shared<const std::vector<seen_use>>(
                                                  read_slm_tool_events(x.body, events_wanted))});
      },
      [](const caf::error&) {
        // As above.
      });
}

void take_news(pointer self, const plugin_event& event) {
  auto& st = self->state;
  if (auto* ended = std::get_if<plugin_event::session_ended>(&event.what)) {
    st.reports->end_session(ended->session, ended->age);
    pump(self);
  }
}

} // namespace

slm_plugin_state::~slm_plugin_state() {
  if (settings.port)
    settings.port->wanted = false;
}

slm_plugin_actor::behavior_type slm_plugin(pointer self, memory_plugin_settings settings) {
  auto& state = self->state;
  state.settings = std::move(settings);
  auto json = state.settings.settings;
  state.reports = std::make_unique<tool_reports>(read_settings(self, json.view()));
  plugin_ready ready;
  ready.name = state.settings.name;
  ready.run = state.settings.run;
  ready.version = HUB_VERSION;
  ready.hooks = {plugin_hook::session_ended, plugin_hook::after_call};
  ready.settings_schema = json_text::of_literal(settings_schema);
  self->send(state.settings.owner, std::move(ready));
  self->send(state.settings.desk, open_memory{caf::actor_cast<recall_actor>(self)});
  self->send(state.settings.daemon, watch_slm{caf::actor_cast<slm_watcher_actor>(self)});
  return {
    [self](slm_tick) {
      self->state.ticking = false;
      pump(self);
    },
    [self](const slm_changed& x) {
      auto& st = self->state;
      auto was = std::exchange(st.daemon, x.state);
      auto there = st.daemon.presence == slm_presence::present;
      st.settings.port->wanted = there && st.recalls_wanted;
      if (there && !st.daemon.mode.empty() && std::exchange(st.logged_life, st.daemon.life) != st.daemon.life)
        spdlog::info("memory: {}", words_of(st.daemon));
      else if (!there && was.presence == slm_presence::present)
        spdlog::warn("memory: {}", words_of(st.daemon));
      if (st.daemon.life != was.life)
        st.behaviour_at = {};
      ask_behaviour(self);
      tell_owner(self);
      pump(self);
    },
    [self](const get_recall& x) -> caf::result<recalled> {
      auto& st = self->state;
      if (!st.recalls_wanted || st.daemon.presence != slm_presence::present)
        return recalled{};
      auto promise = self->make_response_promise<recalled>();
      if (st.memories.ask(x.project, reply<recalled>{promise}, now_of(self)))
        search(self, x);
      return promise;
    },
    [self](const plugin_news& x) {
      self->state.settings.gauge->leave(1, plugin_gauge::news_bytes);
      ++self->state.settings.gauge->told;
      take_news(self, *x.event);
    },
    [self](const calls_ended& x) {
      auto& st = self->state;
      auto& gauge = *st.settings.gauge;
      gauge.leave(x.records->size(), weight_of(*x.records));
      gauge.told += x.records->size();
      if (!listens(self))
        return;
      auto now = now_of(self);
      for (auto& record : *x.records)
        st.reports->add(record, now);
      ask_behaviour(self);
      pump(self);
    },
    [](const before_call&) { return call_verdict{}; },
    [self](stop_plugin) {
      auto& st = self->state;
      st.ends_at = now_of(self) + end_limit;
      st.quiet_until = std::min(st.quiet_until, *st.ends_at);
      st.reports->hurry_all();
      pump(self);
    },
  };
}

} // namespace hub
