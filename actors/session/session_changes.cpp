#include "actors/session/session_parts.hpp"
#include "actors/watch/watch_table.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace hub {

namespace {

constexpr size_t max_listeners = 64;

/// How many resources one session may watch; all stateless clients of a door are one.
constexpr size_t max_watched = 1000;

std::string metadata_of(const change_listener& x) {
  if (x.subscription.empty())
    return {};
  return R"({"io.modelcontextprotocol/subscriptionId":)" + x.subscription + "}";
}

void tell(session_pointer self, const change_listener& x, std::string_view method, const json_text& params) {
  self->send(x.to.gate, stream_event{x.to.id, rpc::make_request({}, method, params)});
}

void tell(session_pointer self, const change_listener& x, std::string_view method) {
  auto meta = metadata_of(x);
  tell(self, x, method, json_text{meta.empty() ? meta : R"({"_meta":)" + meta + "}"});
}

/// What a URI of the client stands for; nothing if no server has it.
std::optional<resource_name> find_resource(session_pointer self, const std::string& uri) {
  auto& settings = self->state.settings;
  if (!settings.door.server.empty())
    return resource_name{settings.door.server, uri};
  auto found = settings.snapshot->resolve_uri(uri);
  if (!found)
    return std::nullopt;
  return resource_name{settings.snapshot->servers()[found->server].name, found->name};
}

/// Whether the server of a resource tells of changes, as far as it is known.
bool may_be_watched(session_pointer self, const resource_name& x) {
  auto& servers = self->state.settings.snapshot->servers();
  auto i = std::ranges::find(servers, x.server, &known_server::name);
  if (i == servers.end())
    return false;
  if (auto& policy = self->state.settings.policy; policy && policy->decide(x.server).act == permission::deny)
    return false;
  return !i->catalogue
         || rpc::member(rpc::member(i->catalogue->capabilities.view(), "resources"), "subscribe") == "true";
}

/// One more reason to watch a resource. `done` hears how it went.
template <class Done>
void watch(session_pointer self, const resource_name& x, const std::string& uri, Done done) {
  auto& st = self->state;
  auto [i, is_new] = st.watched.try_emplace(x);
  ++i->second.count;
  i->second.uri = uri;
  if (!is_new)
    return done(rpc_answer{answer_kind::result, json_text::of_literal("{}"), nullptr, false});
  self->request(st.settings.watches, caf::infinite, watch_resource{x, caf::actor_cast<session_actor>(self)})
    .then(
      [self, x, done](rpc_answer& answer) {
        if (answer.kind != answer_kind::result)
          self->state.watched.erase(x);
        done(std::move(answer));
      },
      [self, x, done](const caf::error&) {
        self->state.watched.erase(x);
        done(no_answer("The hub is shutting down"));
      });
}

/// One reason less.
void unwatch(session_pointer self, const resource_name& x) {
  auto& st = self->state;
  auto i = st.watched.find(x);
  if (i == st.watched.end() || --i->second.count > 0)
    return;
  st.watched.erase(i);
  self->request(st.settings.watches, caf::infinite, unwatch_resource{x, caf::actor_cast<session_actor>(self)})
    .then([](const rpc_answer&) {}, [](const caf::error&) {
      // There is nothing left to take back.
    });
}

/// The URI under which the client knows a resource that is or is part of one that
/// it watches; nothing if it watches none such.
std::optional<std::string> client_uri(session_pointer self, const resource_changed& x,
                                      const resource_name& watched, const std::string& uri) {
  if (watched.server != x.server || !is_part_of(x.uri, watched.uri))
    return std::nullopt;
  if (x.uri == watched.uri)
    return uri;
  auto& settings = self->state.settings;
  if (!settings.door.server.empty())
    return x.uri;
  auto server = settings.snapshot->find_server(x.server);
  return server ? settings.snapshot->exposed_uri(*server, x.uri) : x.uri;
}

} // namespace

caf::result<rpc_answer> add_listener(session_pointer self, change_listener x) {
  auto& st = self->state;
  auto promise = self->make_response_promise<rpc_answer>();
  if (st.listeners.size() >= (is_stateless(self) ? max_listeners * 64 : max_listeners)) {
    for (auto& watched : x.resources)
      unwatch(self, watched.first);
    promise.deliver(failed({failure::kind::overloaded, "", "This client has too many streams open",
                            "Close some of them."}));
    return promise;
  }
  x.asker = reply<rpc_answer>{promise};
  st.listeners.push_back(std::move(x));
  return promise;
}

void end_listener(session_pointer self, change_listener& x) {
  for (auto& watched : x.resources)
    unwatch(self, watched.first);
  x.asker.deliver(ended());
}

caf::result<rpc_answer> listen(session_pointer self, const client_request& request) {
  auto wanted = rpc::member(request.message.params.view(), "notifications");
  auto wants = [wanted](std::string_view key) { return rpc::member(wanted, key) == "true"; };
  change_listener x;
  x.to = request.from;
  x.wants = {wants("toolsListChanged"), wants("resourcesListChanged"), wants("promptsListChanged")};
  x.subscription = std::string{request.message.id.view()};
  std::string honoured;
  auto add = [&honoured](std::string_view key, std::string_view value) {
    honoured += (honoured.empty() ? "\"" : ",\"") + std::string{key} + "\":" + std::string{value};
  };
  for (auto [on, key] : {std::pair{x.wants.tools, "toolsListChanged"},
                         std::pair{x.wants.resources, "resourcesListChanged"},
                         std::pair{x.wants.prompts, "promptsListChanged"}})
    if (on)
      add(key, "true");
  std::string uris;
  rpc::for_each_element(rpc::member(wanted, "resourceSubscriptions"), [&](std::string_view text) {
    auto uri = rpc::unquote(text);
    auto found = uri ? find_resource(self, *uri) : std::nullopt;
    if (!found || !may_be_watched(self, *found) || self->state.watched.size() >= max_watched)
      return x.resources.size() < max_watched;
    uris += (uris.empty() ? "[" : ",") + std::string{text};
    watch(self, *found, *uri, [](const rpc_answer&) {
      // It was promised as far as anybody can; an error stands in the server's log.
    });
    x.resources.emplace_back(std::move(*found), std::move(*uri));
    return x.resources.size() < max_watched;
  });
  if (!uris.empty())
    add("resourceSubscriptions", uris + "]");
  json_text params{R"({"notifications":{)" + honoured + R"(},"_meta":)" + metadata_of(x) + "}"};
  tell(self, x, "notifications/subscriptions/acknowledged", params);
  return add_listener(self, std::move(x));
}

bool is_subscription(std::string_view method) {
  return method == "resources/subscribe" || method == "resources/unsubscribe";
}

caf::result<rpc_answer> subscribe(session_pointer self, const client_request& request) {
  auto& st = self->state;
  auto uri = rpc::unquote(rpc::member(request.message.params.view(), "uri"));
  if (!uri)
    return error_of(invalid_params, "Invalid params: \"uri\" is missing");
  auto found = find_resource(self, *uri);
  if (!found)
    return error_of(resource_not_found, "Resource not found: " + *uri, R"({"uri":)" + rpc::quote(*uri) + "}");
  if (request.message.method == "resources/unsubscribe") {
    unwatch(self, *found);
    return result_of("{}");
  }
  if (!may_be_watched(self, *found))
    return error_of(method_not_found, "Method not found: server " + found->server
                                        + " does not tell of changes of its resources");
  if (st.watched.contains(*found))
    return result_of("{}");
  if (st.watched.size() >= max_watched)
    return failed({failure::kind::overloaded, found->server, "this session watches too many resources",
                   "Unsubscribe from some of them."});
  auto promise = self->make_response_promise<rpc_answer>();
  auto owed = std::make_shared<reply<rpc_answer>>(promise);
  watch(self, *found, *uri, [owed](rpc_answer answer) { owed->deliver(std::move(answer)); });
  return promise;
}

void tell_changes(session_pointer self, const visible_changes& changes) {
  for (auto& x : self->state.listeners) {
    if (changes.tools && x.wants.tools)
      tell(self, x, "notifications/tools/list_changed");
    if (changes.resources && x.wants.resources)
      tell(self, x, "notifications/resources/list_changed");
    if (changes.prompts && x.wants.prompts)
      tell(self, x, "notifications/prompts/list_changed");
  }
}

void tell_change(session_pointer self, const resource_changed& x) {
  constexpr std::string_view method = "notifications/resources/updated";
  // Before the client hears of it and reads anew.
  caf::anon_send(self->state.settings.calls, drop_results{x.server});
  // Other rules may hold than when it was asked for.
  if (auto& policy = self->state.settings.policy; policy && policy->decide(x.server).act == permission::deny)
    return;
  if (!is_stateless(self)) {
    for (auto& [name, watched] : self->state.watched)
      if (auto uri = client_uri(self, x, name, watched.uri))
        tell_client(self, rpc::make_request({}, method, rpc::edit_members(x.params, {{"uri", rpc::quote(*uri)}})));
    return;
  }
  for (auto& listener : self->state.listeners)
    for (auto& [name, known_as] : listener.resources)
      if (auto uri = client_uri(self, x, name, known_as))
        tell(self, listener, method,
             rpc::edit_members(x.params, {{"uri", rpc::quote(*uri)}, {"_meta", metadata_of(listener)}}));
}

void tell_client(session_pointer self, const text_parts& message) {
  // There is one such stream at most.
  for (auto& x : self->state.listeners)
    if (x.subscription.empty())
      self->send(x.to.gate, stream_event{x.to.id, message});
}

} // namespace hub
