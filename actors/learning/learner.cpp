#include "actors/learning/learner.hpp"

#include "actors/policy/permission_memo.hpp"
#include "messages/access.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>

#include <algorithm>
#include <utility>

namespace hub {

namespace {

using pointer = learner_actor::stateful_pointer<learner_state>;
using steady_time = std::chrono::steady_clock::time_point;

/// How soon searches know what was learnt, and how often it is written to disk.
constexpr std::chrono::seconds publish_interval{1};
constexpr std::chrono::seconds keep_interval{60};

/// So often it is worked out anew though nothing has happened, for all that is known fades.
constexpr std::chrono::hours fade_interval{6};

/// The most folders that are remembered, how long a name may be, and when they are looked at again.
constexpr size_t most_folders = 256;
constexpr size_t longest_folder = 1024;
constexpr std::chrono::minutes folder_age{10};

/// The most contexts that a report shows.
constexpr size_t most_shown = 200;

steady_time now_of(pointer self) {
  return steady_time{self->clock().now().time_since_epoch()};
}

/// The kind of the project in a folder, as the disk has it.
std::string kind_of(pointer self, const std::string& folder) {
  auto& st = self->state;
  if (folder.empty() || folder.size() > longest_folder)
    return {};
  auto now = now_of(self);
  auto i = st.folders.find(folder);
  if (i != st.folders.end() && now - i->second.at < folder_age)
    return i->second.kind;
  if (i == st.folders.end() && st.folders.size() >= most_folders)
    st.folders.erase(std::ranges::min_element(st.folders, {}, [](auto& x) { return x.second.at; }));
  auto kind = st.settings.kind_of(folder);
  st.folders[folder] = {kind, now};
  return kind;
}

/// What tells whose searches and calls belong together: the session, or for stateless clients who they
/// say they are.
std::string session_of(const client_context* client, const call_origin* origin) {
  if (origin && !origin->session.empty())
    return origin->session;
  auto result = origin ? origin->door : std::string{};
  if (client)
    result += '\n' + client->name + '\n' + client->project + '\n' + (client->who ? client->who->id : "");
  return result;
}

void publish(pointer self) {
  auto& st = self->state;
  std::map<std::string, std::string, std::less<>> folders;
  for (auto& [folder, known] : st.folders)
    if (!known.kind.empty())
      folders.emplace(folder, known.kind);
  st.settings.habits->store(st.model.table(std::move(folders), std::chrono::system_clock::now()));
}

void keep(pointer self) {
  auto& st = self->state;
  st.kept_at = now_of(self);
  if (std::exchange(st.unkept, false) && st.settings.notes)
    self->send(st.settings.notes, keep_note{"habits", st.model.size() == 0 && st.model.counted().calls == 0
                                                        ? std::string{}
                                                        : st.model.write(std::chrono::system_clock::now())});
}

void changed(pointer self) {
  auto& st = self->state;
  st.unkept = true;
  if (!std::exchange(st.ticking, true))
    self->delayed_send(self, publish_interval, learner_tick{});
}

void learn(pointer self, const call_record& x) {
  if (x.method != "tools/call" || x.outcome == call_outcome::cancelled || x.outcome == call_outcome::denied)
    return;
  std::string text;
  auto tool = called_tool(x.params.view(), text);
  if (!tool)
    return;
  auto kind = x.client ? kind_of(self, x.client->project) : std::string{};
  self->state.model.called(session_of(x.client.get(), x.origin.get()), kind, x.client ? x.client->name : "",
                           {x.server, std::string{*tool}}, x.outcome == call_outcome::ok,
                           x.at - std::chrono::microseconds{x.microseconds});
}

void learn(pointer self, const search_ended& x) {
  std::vector<habit_name> shown;
  for (auto& [server, tool] : x.shown)
    shown.push_back({server, tool});
  self->state.model.searched(session_of(x.client.get(), x.origin.get()), kind_of(self, x.project), x.request,
                             std::move(shown), x.at);
}

std::string_view word_for(habit_kind x) {
  switch (x) {
    case habit_kind::word:
      return "word";
    case habit_kind::next:
      return "next";
    case habit_kind::use:
      return "use";
    default:
      return "client";
  }
}

std::string rounded(double x) {
  auto hundredths = static_cast<int64_t>(x * 100 + 0.5);
  auto rest = std::to_string(hundredths % 100);
  return std::to_string(hundredths / 100) + '.' + std::string(2 - rest.size(), '0') + rest;
}

/// `server/tool` of a name with a tab between them.
std::string readable(std::string x) {
  std::ranges::replace(x, '\t', '/');
  return x;
}

report tell(pointer self) {
  auto& st = self->state;
  auto& counted = st.model.counted();
  auto text = R"({"learning":)" + std::string{st.settings.enabled ? "\"on\"" : "\"off\""} + R"(,"searches":)"
              + std::to_string(counted.searches) + R"(,"calls":)" + std::to_string(counted.calls) + R"(,"led":)"
              + std::to_string(counted.led) + R"(,"contexts":)" + std::to_string(st.model.size()) + R"(,"most_contexts":)"
              + std::to_string(habit_model::most_contexts) + R"(,"dropped":)" + std::to_string(st.settings.gauge->dropped)
              + R"(,"projects":[)";
  auto first = true;
  for (auto& [folder, known] : st.folders)
    text += (std::exchange(first, false) ? "" : ",") + std::string{R"({"folder":)"} + rpc::quote(folder) + R"(,"kind":)"
            + rpc::quote(known.kind) + '}';
  text += R"(],"habits":[)";
  size_t count = 0;
  for (auto& x : st.model.contexts(std::chrono::system_clock::now())) {
    if (count == most_shown)
      break;
    text += (count++ == 0 ? "" : ",") + std::string{R"({"after":")"} + std::string{word_for(x.what)} + R"(","of":)"
            + rpc::quote(readable(x.of)) + R"(,"project":)" + rpc::quote(x.project) + R"(,"tools":[)";
    auto first_tool = true;
    for (auto& [name, weight] : x.tools)
      text += (std::exchange(first_tool, false) ? "" : ",") + std::string{R"({"server":)"} + rpc::quote(name.server)
              + R"(,"tool":)" + rpc::quote(name.tool) + R"(,"weight":)" + rounded(weight) + '}';
    text += "]}";
  }
  return {200, "application/json", text + "]}"};
}

report reset(pointer self) {
  auto& st = self->state;
  auto forgotten = st.model.size();
  st.model = {};
  st.folders.clear();
  st.unkept = true;
  publish(self);
  keep(self);
  return {200, "application/json", R"({"forgotten":)" + std::to_string(forgotten) + '}'};
}

} // namespace

learner_actor::behavior_type learner(pointer self, learner_settings settings) {
  auto& st = self->state;
  st.settings = std::move(settings);
  st.model = habit_model::read(std::exchange(st.settings.kept, {}));
  st.kept_at = now_of(self);
  if (st.settings.enabled) {
    publish(self);
    self->delayed_send(self, fade_interval, learner_tick{true});
  }
  return {
    [self](const search_ended& x) {
      self->state.settings.gauge->leave(1, x.request.size());
      learn(self, x);
      changed(self);
    },
    [self](const learner_tick& x) {
      auto& st = self->state;
      if (x.fade)
        self->delayed_send(self, fade_interval, learner_tick{true});
      else
        st.ticking = false;
      publish(self);
      if (st.unkept && now_of(self) - st.kept_at >= keep_interval)
        keep(self);
    },
    [self](const calls_ended& x) {
      self->state.settings.gauge->leave(x.records->size(), weight_of(*x.records));
      for (auto& record : *x.records)
        learn(self, record);
      changed(self);
    },
    [self](settle_records) {
      keep(self);
      return records_settled{};
    },
    [self](const requests_refused& x) { self->state.settings.gauge->leave(x.refusals.size(), 0); },
    [self](const get_report& x) {
      if (x.what == "learn" && !x.act)
        return tell(self);
      if (x.what == "learn/reset" && x.act)
        return reset(self);
      return report{404, "application/json", R"({"error":"There is no such report","fix":"Ask for learn"})"};
    },
  };
}

} // namespace hub
