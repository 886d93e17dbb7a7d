#include "actors/supervisor/supervised_server.hpp"


#include <algorithm>
#include <cstdio>
#include <utility>

namespace hub {

namespace {

std::string_view name_of(transport_kind kind) noexcept {
  switch (kind) {
    case transport_kind::stdio: return "stdio";
    case transport_kind::streamable_http: return "streamable_http";
    case transport_kind::sse: return "sse";
  }
  return "stdio";
}

/// `1.5 s`, never `0.0 s`; from two minutes on `2 min`.
std::string in_seconds(std::chrono::milliseconds time) {
  if (time >= std::chrono::minutes{2})
    return std::to_string(std::chrono::ceil<std::chrono::minutes>(time).count()) + " min";
  char text[32];
  auto tenths = (time.count() + 99) / 100;
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(tenths) / 10);
  return text;
}

} // namespace

supervised_server::supervised_server(server_entry_facts known, time_point now)
  : facts(std::move(known)), life(new_life(now)), last_used(now), last_measured(now) {
  // nop
}

lifecycle supervised_server::new_life(time_point now) const {
  return lifecycle{facts.config.enabled, now,
                   facts.config.policy.crash_limit.value_or(lifecycle::default_crash_limit)};
}

std::chrono::milliseconds supervised_server::idle_limit(std::chrono::milliseconds by_default) const {
  return facts.config.policy.idle_limit.value_or(by_default);
}

std::chrono::milliseconds supervised_server::start_limit(std::chrono::milliseconds by_default) const {
  auto own = facts.config.policy.start_limit.value_or(std::chrono::milliseconds{0});
  return own.count() > 0 ? own : std::max(by_default, facts.config.timeout());
}

std::string supervised_server::next_step(time_point now, std::chrono::milliseconds idle) const {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  auto until = [now](time_point x) { return in_seconds(std::max(duration_cast<milliseconds>(x - now), milliseconds{0})); };
  switch (life.state()) {
    case server_state::disabled:
      return "slm-hub enable " + name() + " switches it on";
    case server_state::known:
      return "the next call starts it";
    case server_state::queued:
      return "it starts when one of those that start now is done";
    case server_state::starting:
      return deadline ? "it is given up in " + until(*deadline) + " if it is not ready" : "";
    case server_state::ready:
      if (learning)
        return "it is stopped when its tools are known";
      if (always_on())
        return "it stays";
      return idle.count() == 0 ? "it stays until it is stopped"
                               : "without a call it is stopped in " + until(last_used + idle);
    case server_state::stopping:
      return deadline ? "it is killed in " + until(*deadline) + " if it still runs" : "";
    case server_state::backing_off:
    case server_state::failed:
      break;
  }
  if (wants_login)
    return "it waits for you. " + fix;
  auto left = life.pause_left(now);
  if (always_on())
    return "it is started again in " + in_seconds(left);
  return left.count() > 0 ? "a call after " + in_seconds(left) + " starts it again; slm-hub restart " + name() + " at once"
                          : "the next call starts it again";
}

std::string supervised_server::reason() const {
  if (life.given_up())
    return "it " + life.given_up()->cause;
  if (why.empty() && life.state() == server_state::known)
    return facts.offer.tools < 0 ? "nobody has needed it yet" : "its tools are known and nobody needs it";
  return why;
}

server_status supervised_server::status(time_point now, std::chrono::milliseconds idle) const {
  server_status result;
  result.name = name();
  // The highest bit tells sessions from exchanges.
  result.session = scope & ~(uint64_t{1} << 63 | exclusive_scope);
  result.exclusive = exclusive();
  result.state = life.state();
  result.pid = pid;
  result.tools = facts.offer.tools;
  result.resources = facts.offer.resources;
  result.prompts = facts.offer.prompts;
  result.calls = figures.calls();
  result.errors = figures.errors();
  result.starts = life.starts();
  result.crashes = life.crashes();
  result.p95_ms = figures.p95_ms();
  // What keeps it from running counts for more than what calls have met.
  auto kept_down = life.state() == server_state::backing_off || life.state() == server_state::failed;
  result.last_error = kept_down ? life.last_failure().cause : last_error;
  result.fix = fix;
  result.last_stderr = life.last_failure().last_stderr;
  result.next_try_ms = life.pause_left(now).count();
  result.in_state_seconds = std::chrono::duration_cast<std::chrono::seconds>(now - life.since()).count();
  result.why = reason();
  result.next = next_step(now, idle);
  result.transport = name_of(spoken.value_or(facts.config.transport));
  result.log = facts.log;
  return result;
}

std::shared_ptr<const failure> supervised_server::refusal(time_point now) const {
  auto result = std::make_shared<failure>();
  result->server = name();
  if (life.state() == server_state::disabled) {
    result->what = failure::kind::disabled_server;
    result->cause = "server " + name() + " is disabled in the configuration";
    result->fix = "Switch it on with: slm-hub enable " + name();
    if (!facts.config.origin.empty())
      result->fix += " (its entry: " + facts.config.origin + ")";
    return result;
  }
  auto& last = life.last_failure();
  result->what = life.state() == server_state::backing_off ? failure::kind::backing_off : failure::kind::start_failed;
  result->cause = "server " + name() + " " + last.cause;
  if (!last.last_stderr.empty())
    result->cause += "; its last words: " + last.last_stderr.back();
  if (auto pause = life.pause_left(now); pause.count() > 0)
    result->cause += "; a call after " + in_seconds(pause) + " starts it again";
  result->fix = last.fix;
  if (!facts.log.empty() && result->fix.find(facts.log) == std::string::npos)
    result->fix += std::string{result->fix.empty() ? "" : result->fix.ends_with('.') ? " " : ". "} + "See its log " + facts.log + ".";
  return result;
}

std::shared_ptr<const failure> shutting_down_refusal(const std::string& server) {
  return std::make_shared<failure>(
    failure{failure::kind::shutting_down, server, "The hub is shutting down", "Call again when it runs."});
}

} // namespace hub
