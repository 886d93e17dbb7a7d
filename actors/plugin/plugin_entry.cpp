#include "actors/plugin/plugin_entry.hpp"

#include "messages/printable_line.hpp"
#include "messages/redaction.hpp"
#include "messages/rpc/json_scan.hpp"

#include <string_view>

namespace hub {

namespace {

std::string hooks_json(const plugin_hooks& x) {
  std::string result = "[";
  for (size_t i = 0; i < plugin_hook_count; ++i)
    if (auto hook = static_cast<plugin_hook>(i); x.has(hook))
      result += (result.size() > 1 ? "," : "") + rpc::quote(to_string(hook));
  return result + "]";
}

std::string quoted(std::string_view text) {
  return rpc::quote(process_redaction().apply(printable_line(text)));
}

std::string entry_json(const plugin_entry& x, lifecycle::time_point now) {
  auto number = [](auto value) { return std::to_string(value); };
  auto& about = x.about;
  auto broken = about.enabled && !about.problem.empty();
  auto& last = x.life.last_failure();
  std::string state{broken ? "failed" : about.enabled ? to_string(x.life.state()) : "disabled"};
  auto is_down = !x.ready() && about.enabled;
  std::string result = "{\"name\":" + rpc::quote(about.name) + ",\"version\":" + rpc::quote(x.version)
                       + ",\"kind\":" + (about.program.empty() ? "\"built in\"" : "\"program\"")
                       + ",\"enabled\":" + (about.enabled ? "true" : "false") + ",\"state\":" + rpc::quote(state)
                       + ",\"hooks\":" + hooks_json(x.hooks);
  if (!about.program.empty())
    result += ",\"program\":" + rpc::quote(about.program) + ",\"log\":" + rpc::quote(about.log);
  if (x.pid != 0)
    result += ",\"pid\":" + number(x.pid);
  if (!x.state.empty())
    result += ",\"says\":" + quoted(x.state);
  if (!x.facts.empty())
    result += ",\"facts\":" + std::string{x.facts.view()};
  if (!x.settings_schema.empty())
    result += ",\"settings_schema\":" + std::string{x.settings_schema.view()};
  if (auto& cause = broken ? about.problem : last.cause; is_down && !cause.empty())
    result += ",\"error\":" + quoted(cause) + ",\"fix\":" + quoted(broken ? about.fix : last.fix)
              + ",\"next_try_ms\":" + number(x.life.pause_left(now).count());
  auto& gauge = *x.gauge;
  return result + ",\"starts\":" + number(x.life.starts()) + ",\"crashes\":" + number(x.life.crashes())
         + ",\"told\":" + number(gauge.told.load()) + ",\"dropped\":" + number(gauge.dropped.load())
         + ",\"waiting\":" + number(gauge.records.load())
         + ",\"verdicts\":{\"time_limit_ms\":" + number(verdict_limit(about, x.time_limit).count())
         + ",\"on_failure\":" + (about.denies_without_verdict ? "\"deny\"" : "\"allow\"")
         + ",\"passed\":" + number(gauge.passed.load()) + ",\"denied\":" + number(gauge.denied.load())
         + ",\"unanswered\":" + number(gauge.unanswered.load()) + "}}";
}

} // namespace

bool plugin_description::same_run(const plugin_description& other) const {
  return can_run() == other.can_run() && program == other.program && program_stamp == other.program_stamp
         && settings.view() == other.settings.view() && env == other.env && time_limit == other.time_limit;
}

std::string plugin_entry::why_not_ready() const {
  if (!about.problem.empty())
    return about.problem;
  auto& cause = life.last_failure().cause;
  return cause.empty() ? "is not ready yet" : "does not run: it " + cause;
}

std::chrono::milliseconds verdict_limit(const plugin_description& x, std::optional<std::chrono::milliseconds> told) {
  return x.time_limit.value_or(told.value_or(default_verdict_limit));
}

std::string plugins_json(const std::map<std::string, plugin_entry>& plugins, const std::string& folder,
                         lifecycle::time_point now) {
  std::string list;
  for (auto& [name, x] : plugins)
    if (!x.removed)
      list += (list.empty() ? "" : ",") + entry_json(x, now);
  return "{\"folder\":" + rpc::quote(folder) + ",\"plugins\":[" + list + "]}";
}

} // namespace hub
