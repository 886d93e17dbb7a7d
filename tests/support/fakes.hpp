#pragma once

#include "messages/backend.hpp"
#include "messages/reply.hpp"
#include "messages/supervisor.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hub::test {

/// What a fake server was asked.
struct backend_record {
  struct entry {
    backend_request request;
    reply<rpc_answer> asker;
  };

  std::vector<entry> open;
  int cancelled = 0;
  std::vector<redirect_call> redirected;
  std::vector<join_call> joined;
  std::vector<leave_call> left;
  bool stopping = false;

  /// Whether its results are of the stateless era.
  bool stateless = false;

  /// What to answer to what was asked at a place, on the next `backend_tick`:
  /// only an actor may answer.
  std::vector<std::pair<size_t, std::string>> plan;
};

struct backend_fake_state {
  std::shared_ptr<backend_record> record;

  ~backend_fake_state() {
    // As a real one: what it owes is answered when it ends.
    if (record)
      record->open.clear();
  }
};

/// A server that answers when the test says so.
inline backend_actor::behavior_type
fake_backend(backend_actor::stateful_pointer<backend_fake_state> self,
             std::shared_ptr<backend_record> record) {
  self->state.record = record;
  return {
    [self, record](const backend_request& x) -> caf::result<rpc_answer> {
      auto promise = self->make_response_promise<rpc_answer>();
      if (record->stopping) {
        rpc_answer answer;
        answer.kind = answer_kind::failure;
        answer.why = std::make_shared<failure>(failure{failure::kind::stopping, "", "", ""});
        promise.deliver(std::move(answer));
      } else {
        record->open.push_back({x, reply<rpc_answer>{promise}});
      }
      return promise;
    },
    [record](const cancel_request&) { ++record->cancelled; },
    [record](const redirect_call& x) { record->redirected.push_back(x); },
    [record](const join_call& x) { record->joined.push_back(x); },
    [record](const leave_call& x) { record->left.push_back(x); },
    [](const watch_resources&) { return rpc_answer{}; },
    [](const notify_server&) {},
    [](read_lists_again) {},
    [self](stop_backend) { self->quit(); },
    [](start_backend) {},
    [record](backend_tick) {
      for (auto& [place, result] : std::exchange(record->plan, {})) {
        rpc_answer x;
        x.body = json_text{std::move(result)};
        x.stateless_form = record->stateless;
        record->open.at(place).asker.deliver(std::move(x));
      }
    },
    [](const transport_opened&) {},
    [](const transport_changed&) {},
    [](const messages_received&) {},
    [](const request_failed&) {},
    [](const transport_closed&) {},
  };
}

/// What a fake supervisor was told, and what it answers.
struct supervisor_record {
  backend_actor backend;
  std::shared_ptr<const failure> why;
  int needed = 0;
  std::vector<call_ended> ended;
  std::vector<std::vector<std::string>> refreshed;
};

/// Hands out the backend of the record.
inline supervisor_actor::behavior_type
fake_supervisor(supervisor_actor::pointer, std::shared_ptr<supervisor_record> record) {
  return {
    [record](const need_backend&) {
      ++record->needed;
      return record->why ? backend_lease{backend_actor{}, record->why} : backend_lease{record->backend, nullptr};
    },
    [](get_status) { return hub_status{}; },
    [](const restart_server&) { return server_restarted{}; },
    [](const shut_down&) { return shut_down_done{}; },
    [](const backend_spawned&) {},
    [](const backend_ready&) {},
    [](const backend_stopped&) {},
    [](const catalogue_learned&) {},
    [](const keep_running&) {},
    [](const release_scope&) {},
    [](const tell_scope&) {},
    [record](const refresh_lists& x) { record->refreshed.push_back(x.servers); },
    [record](const call_ended& x) { record->ended.push_back(x); },
  };
}

} // namespace hub::test
