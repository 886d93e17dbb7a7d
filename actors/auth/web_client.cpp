#include "actors/auth/web_client.hpp"

#include "actors/runtime/pinned.hpp"
#include "messages/reply.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace hub {

/// An answer on its way from the client to the turn of the actor.
struct document_fetched {
  uint64_t number = 0;
  web_answer answer;
};

} // namespace hub

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hub::document_fetched)

namespace hub {

namespace {

constexpr std::chrono::seconds answer_limit{20};
constexpr size_t document_redirects = 3;
constexpr size_t body_max = 1 << 20;

using web_client_actor = protocol<caf::reacts_to<document_fetched>>::also<web_actor>::handle;

web_answer answer_of(fetch_result result) {
  web_answer x;
  if (auto* failed = std::get_if<fetch_failure>(&result)) {
    x.cause = failed->cause;
    return x;
  }
  auto& response = std::get<fetch_response>(result);
  x.status = response.head.status;
  for (auto value : response.head.find_all("WWW-Authenticate"))
    x.www_authenticate.append(x.www_authenticate.empty() ? "" : ", ").append(value);
  x.body = std::move(response.body);
  return x;
}

class web_client final : public pinned<web_client_actor::base> {
public:
  web_client(caf::actor_config& config, shard& home, web_settings settings)
    : pinned(config, home), settings_(std::move(settings)) {
    // nop
  }

  const char* name() const override {
    return "web_client";
  }

  behavior_type make_behavior() override {
    return {
      [this](document_fetched& x) {
        if (auto i = asked_.find(x.number); i != asked_.end()) {
          auto asker = std::move(i->second);
          asked_.erase(i);
          asker.deliver(std::move(x.answer));
        }
      },
      [this](fetch_document& x) { return fetch(x); },
    };
  }

  void on_exit() override {
    clients_.clear();
    asked_.clear();
  }

private:
  caf::result<web_answer> fetch(fetch_document& x) {
    auto promise = make_response_promise<web_answer>();
    auto number = ++numbers_;
    asked_.emplace(number, reply<web_answer>{promise});
    fetch_request request;
    request.method = x.request.method;
    request.url = x.request.url;
    for (auto& [name, value] : x.request.headers)
      (name == "Authorization" ? request.origin_headers : request.headers).add(name, value);
    if (!x.request.body.empty())
      request.body = text_parts{json_text{std::move(x.request.body)}};
    request.limit = answer_limit;
    request.public_only = x.request.public_only;
    auto done = [this, number](fetch_result result) {
      // Promises are kept in a turn of the actor only.
      caf::anon_send(web_client_actor{this}, document_fetched{number, answer_of(std::move(result))});
    };
    http_fetch(client(x.server, request.method == "GET"), std::move(request), done, body_max);
    return promise;
  }

  http_client& client(const std::string& server, bool documents) {
    auto& result = clients_[{server, documents}];
    if (!result) {
      auto settings = settings_(server);
      settings.connections = 4;
      settings.redirects = documents ? document_redirects : 0;
      result = std::make_unique<http_client>(home(), std::move(settings));
    }
    return *result;
  }

  web_settings settings_;
  std::map<std::pair<std::string, bool>, std::unique_ptr<http_client>> clients_;
  std::map<uint64_t, reply<web_answer>> asked_;
  uint64_t numbers_ = 0;
};

} // namespace

web_actor spawn_web_client(caf::actor_system& system, shard& home, web_settings settings) {
  return caf::actor_cast<web_actor>(spawn_pinned<web_client>(system, home, std::move(settings)));
}

} // namespace hub
