#include "actors/watch/watches.hpp"

#include "messages/reply.hpp"
#include "messages/rpc/codes.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

namespace hub {

namespace {

using pointer = watch_actor::stateful_pointer<watches_state>;

rpc_answer done() {
  rpc_answer result;
  result.body = json_text::of_literal("{}");
  return result;
}

rpc_answer not_done(std::string_view why) {
  rpc_answer result;
  result.kind = answer_kind::error;
  result.body = rpc::error_object(rpc_code::internal_error, why);
  return result;
}

void tell_backend(pointer self, const std::string& server, const backend_actor& backend) {
  self->request(backend, caf::infinite, watch_resources{self->state.table.of_server(server)})
    .then(
      [server](const rpc_answer& x) {
        if (x.kind != answer_kind::result)
          spdlog::warn("server {} did not accept a subscription: {}", server, x.body.view().substr(0, 160));
      },
      [](const caf::error&) {
        // The run has ended; the next one is told.
      });
}

/// Tells a running server what is watched, and the supervisor whether it is to be
/// kept running for that.
void tell_server(pointer self, const std::string& server) {
  auto& st = self->state;
  self->send(st.supervisor, keep_running{server, !st.table.of_server(server).empty()});
  if (auto i = st.backends.find(server); i != st.backends.end())
    tell_backend(self, server, i->second);
}

void remember(pointer self, const std::string& server, const backend_actor& backend) {
  auto& known = self->state.backends[server];
  if (known != backend) {
    known = backend;
    self->monitor(backend);
  }
}

/// The first watcher of a resource waits for what the server says to it.
void subscribe(pointer self, const resource_name& resource, caf::actor_addr watcher, const backend_actor& backend,
               std::shared_ptr<reply<rpc_answer>> owed) {
  remember(self, resource.server, backend);
  self->send(self->state.supervisor, keep_running{resource.server, true});
  self->request(backend, caf::infinite, watch_resources{self->state.table.of_server(resource.server)})
    .then(
      [=](rpc_answer& x) {
        if (x.kind != answer_kind::result && self->state.table.remove(resource, watcher))
          tell_server(self, resource.server);
        owed->deliver(std::move(x));
      },
      [=](const caf::error&) {
        // It is told again when it runs again.
        owed->deliver(done());
      });
}

caf::result<rpc_answer> watch(pointer self, const watch_resource& x) {
  auto& st = self->state;
  switch (st.table.add(x.resource, x.watcher)) {
    case watch_table::outcome::full:
      return not_done("Too many resources are subscribed to at this hub");
    case watch_table::outcome::joined:
      self->monitor(x.watcher);
      return done();
    case watch_table::outcome::first:
      break;
  }
  self->monitor(x.watcher);
  auto promise = self->make_response_promise<rpc_answer>();
  auto owed = std::make_shared<reply<rpc_answer>>(promise);
  auto watcher = x.watcher.address();
  self->request(st.supervisor, caf::infinite, need_backend{x.resource.server})
    .then(
      [=, resource = x.resource](backend_lease& lease) {
        if (!lease.why) {
          subscribe(self, resource, watcher, lease.backend, owed);
          return;
        }
        self->state.table.remove(resource, watcher);
        rpc_answer answer;
        answer.kind = answer_kind::failure;
        answer.why = lease.why;
        owed->deliver(std::move(answer));
      },
      [owed](const caf::error&) { owed->deliver(not_done("The hub is shutting down")); });
  return promise;
}

} // namespace

watch_actor::behavior_type watches(pointer self) {
  self->set_down_handler([self](const caf::down_msg& x) {
    auto& st = self->state;
    std::erase_if(st.backends, [&x](const auto& entry) { return entry.second.address() == x.source; });
    for (auto& server : st.table.remove_all(x.source))
      tell_server(self, server);
  });
  return {
    [self](const meet_supervisor& x) { self->state.supervisor = x.supervisor; },
    [self](const watch_resource& x) { return watch(self, x); },
    [self](const unwatch_resource& x) {
      if (self->state.table.remove(x.resource, x.watcher.address()))
        tell_server(self, x.resource.server);
      return done();
    },
    [self](const server_ready& x) {
      if (self->state.table.of_server(x.server).empty())
        return;
      remember(self, x.server, x.backend);
      tell_backend(self, x.server, x.backend);
    },
    [self](const resource_updated& x) {
      auto uri = rpc::unquote(rpc::member(x.params.view(), "uri")).value_or("");
      for (auto& watcher : self->state.table.watchers_of(x.server, uri))
        self->send(watcher, resource_changed{x.server, uri, x.params});
    },
  };
}

} // namespace hub
