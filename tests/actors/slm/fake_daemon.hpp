#pragma once

#include "actors/slm/slm_api.hpp"
#include "messages/plugin.hpp"
#include "messages/reply.hpp"
#include "messages/slm.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::test {

/// What a fake way to the daemon was asked, and what it answers.
struct daemon_record {
  std::vector<ask_slm> asked;
  std::vector<slm_watcher_actor> watchers;

  /// The answer to a request.
  std::function<slm_answer(const slm_request&)> answer = [](const slm_request&) { return read_slm_answer(200, R"({"ok":true})", "", ""); };

  /// Keeps answers back until it is asked something of an empty target.
  bool silent = false;
  std::vector<std::pair<slm_request, reply<slm_answer>>> kept;

  /// The bodies of what was asked of a path.
  std::vector<std::string> bodies(std::string_view target) const {
    std::vector<std::string> result;
    for (auto& x : asked)
      if (x.request.target == target)
        result.push_back(x.request.body);
    return result;
  }

  size_t count(std::string_view target) const {
    return static_cast<size_t>(std::ranges::count_if(asked, [&](auto& x) { return x.request.target.starts_with(target); }));
  }
};

inline slm_daemon_actor::behavior_type fake_daemon(slm_daemon_actor::pointer self, std::shared_ptr<daemon_record> record) {
  return {
    [self, record](const ask_slm& x) -> caf::result<slm_answer> {
      if (x.request.target.empty()) {
        for (auto& [request, asker] : std::exchange(record->kept, {}))
          asker.deliver(record->answer(request));
        return slm_answer{};
      }
      record->asked.push_back(x);
      if (!record->silent)
        return record->answer(x.request);
      auto promise = self->make_response_promise<slm_answer>();
      record->kept.emplace_back(x.request, reply<slm_answer>{promise});
      return promise;
    },
    [record](const watch_slm& x) { record->watchers.push_back(x.who); },
  };
}

/// What the owner of a plugin heard.
struct owner_record {
  std::vector<plugin_ready> ready;
  std::vector<plugin_told> told;
  std::vector<plugin_stopped> stopped;

  std::string state() const {
    return told.empty() ? std::string{} : told.back().state;
  }
};

inline plugin_owner::behavior_type fake_owner(plugin_owner::pointer, std::shared_ptr<owner_record> record) {
  return {
    [record](const plugin_ready& x) { record->ready.push_back(x); },
    [record](const plugin_told& x) { record->told.push_back(x); },
    [record](const plugin_stopped& x) { record->stopped.push_back(x); },
  };
}

inline slm_state present(uint64_t life = 1, std::string version = "4.1.18") {
  slm_state x;
  x.presence = slm_presence::present;
  x.url = "http://127.0.0.1:8765";
  x.version = std::move(version);
  x.mode = "a";
  x.profile = "default";
  x.facts = 7;
  x.life = life;
  return x;
}

inline slm_state away() {
  slm_state x;
  x.presence = slm_presence::away;
  x.url = "http://127.0.0.1:8765";
  x.cause = "refused the connection";
  return x;
}

inline call_record record_of(std::string tool, std::string session = "s1", call_outcome outcome = call_outcome::ok) {
  auto client = std::make_shared<client_context>();
  client->project = "/srv/alpha";
  auto origin = std::make_shared<call_origin>();
  origin->session = std::move(session);
  call_record x;
  x.client = std::move(client);
  x.origin = std::move(origin);
  x.server = "github";
  x.method = "tools/call";
  x.params = json_text{R"({"name":")" + tool + R"(","arguments":{"q":"private words"}})"};
  x.outcome = outcome;
  x.microseconds = 42'000;
  x.answer_bytes = 10;
  return x;
}

} // namespace hub::test
