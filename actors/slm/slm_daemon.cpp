#include "actors/slm/slm_daemon.hpp"

#include "actors/runtime/pinned.hpp"
#include "actors/slm/slm_link.hpp"
#include "actors/transport/http/http_client.hpp"
#include "messages/reply.hpp"

#include <caf/actor_clock.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace hub {

/// Sent by the daemon's actor to itself: a check is due.
struct slm_check {};

/// The place of the daemon was looked up.
struct slm_place_found {
  slm_place place;
};

/// An answer on its way from the client to the turn of the actor.
struct slm_answered {
  uint64_t number = 0;
  slm_answer answer;
};

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::slm_check)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::slm_place_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::slm_answered)

namespace hub {

namespace {

/// How long an answer may take. Nobody waits for it but a plugin.
constexpr std::chrono::seconds answer_limit{5};
constexpr size_t body_max = 1 << 20;

/// The daemon closes a connection after 5 s without a request.
constexpr std::chrono::milliseconds idle_limit{4000};

using slm_client_actor = protocol<
  caf::reacts_to<slm_check>,
  caf::reacts_to<slm_place_found>,
  caf::reacts_to<slm_answered>>::also<slm_daemon_actor>::handle;

/// Looks the place up on a thread of its own, since files may be slow, and ends.
caf::behavior place_finder(caf::event_based_actor* self, slm_place_settings settings, slm_client_actor to) {
  self->send(to, slm_place_found{find_slm(settings)});
  return {};
}

slm_answer answer_of(fetch_result result) {
  if (auto* failed = std::get_if<fetch_failure>(&result)) {
    slm_answer x;
    x.cause = std::move(failed->cause);
    if (failed->what == fetch_failure::kind::redirected || failed->what == fetch_failure::kind::too_large)
      x.outcome = slm_outcome::broken;
    return x;
  }
  auto& response = std::get<fetch_response>(result);
  return read_slm_answer(response.head.status, std::move(response.body), response.head.find("Retry-After"),
                         response.head.find("X-RateLimit-Remaining"));
}

class slm_client final : public pinned<slm_client_actor::base> {
public:
  slm_client(caf::actor_config& config, shard& home, slm_place_settings settings)
    : pinned(config, home), settings_(std::move(settings)), link_(settings_.install_token, settings_.api_key) {
    // nop
  }

  const char* name() const override {
    return "slm_daemon";
  }

  behavior_type make_behavior() override {
    set_down_handler([this](const caf::down_msg& x) {
      std::erase_if(watchers_, [&](auto& y) { return y.address() == x.source; });
    });
    return {
      [this](slm_check) {
        ticking_ = false;
        check();
      },
      [this](const slm_place_found& x) {
        finding_ = false;
        slm_link::output out;
        link_.found(x.place, now(), out);
        link_.check(now(), out);
        act_on(out);
      },
      [this](slm_answered& x) {
        slm_link::output out;
        link_.answered(x.number, std::move(x.answer), now(), out);
        act_on(out);
      },
      [this](ask_slm& x) -> caf::result<slm_answer> {
        auto promise = make_response_promise<slm_answer>();
        auto number = ++numbers_;
        asked_.emplace(number, reply<slm_answer>{promise});
        slm_link::output out;
        link_.ask(number, std::move(x), now(), out);
        act_on(out);
        return promise;
      },
      [this](const watch_slm& x) {
        monitor(x.who);
        watchers_.push_back(x.who);
        send(x.who, slm_changed{link_.state()});
        check();
      },
    };
  }

  void on_exit() override {
    client_.reset();
    asked_.clear();
    watchers_.clear();
  }

private:
  slm_link::time now() {
    return slm_link::time{clock().now().time_since_epoch()};
  }

  /// Looks for the daemon if that is due, or sees to it that it will be.
  void check() {
    if (watchers_.empty() || finding_)
      return;
    auto due = link_.check_at();
    if (!due)
      return;
    if (*due > now()) {
      if (!std::exchange(ticking_, true))
        delayed_send(this, *due - now(), slm_check{});
      return;
    }
    if (link_.wants_place()) {
      finding_ = true;
      system().spawn<caf::detached>(place_finder, settings_, slm_client_actor{this});
      return;
    }
    slm_link::output out;
    link_.check(now(), out);
    act_on(out);
  }

  void act_on(slm_link::output& out) {
    for (auto& x : out.outgoing)
      fetch(std::move(x));
    for (auto& [number, answer] : out.answers)
      if (auto i = asked_.find(number); i != asked_.end()) {
        auto asker = std::move(i->second);
        asked_.erase(i);
        asker.deliver(std::move(answer));
      }
    if (out.changed)
      for (auto& x : watchers_)
        send(x, slm_changed{link_.state()});
    check();
  }

  void fetch(slm_link::sending x) {
    fetch_request request;
    request.method = x.request.method;
    request.url = link_.state().url + x.request.target;
    request.headers.add("Accept", "application/json");
    for (auto& [name, value] : x.headers)
      request.origin_headers.add(name, value);
    if (!x.request.body.empty()) {
      request.headers.add("Content-Type", "application/json");
      request.body = text_parts{json_text{std::move(x.request.body)}};
    }
    // A message that was sent twice would be read twice; all else may be said again.
    request.repeatable = x.request.target != "/mesh/send";
    request.limit = answer_limit;
    auto done = [this, number = x.number](fetch_result result) {
      // Promises are kept in a turn of the actor only.
      caf::anon_send(slm_client_actor{this}, slm_answered{number, answer_of(std::move(result))});
    };
    http_fetch(client(), std::move(request), done, body_max);
  }

  http_client& client() {
    if (!client_) {
      http_client_settings settings;
      settings.connections = 4;
      settings.waiting = slm_link::requests_max + 4;
      settings.connect_limit = answer_limit;
      settings.idle_limit = idle_limit;
      settings.redirects = 0;
      client_ = std::make_unique<http_client>(home(), std::move(settings));
    }
    return *client_;
  }

  slm_place_settings settings_;
  slm_link link_;
  std::unique_ptr<http_client> client_;
  std::map<uint64_t, reply<slm_answer>> asked_;

  /// Smaller ones are the link's own.
  uint64_t numbers_ = 1000;
  std::vector<slm_watcher_actor> watchers_;
  bool finding_ = false;
  bool ticking_ = false;
};

} // namespace

slm_daemon_actor spawn_slm_daemon(caf::actor_system& system, shard& home, slm_place_settings settings) {
  return caf::actor_cast<slm_daemon_actor>(spawn_pinned<slm_client>(system, home, std::move(settings)));
}

} // namespace hub
