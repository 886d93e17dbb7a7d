#include "actors/session/result_tools.hpp"
#include "actors/session/session_parts.hpp"

#include "actors/backend/outgoing.hpp"
#include "actors/backend/task_owners.hpp"
#include "actors/session/header_check.hpp"
#include "actors/session/held_tool.hpp"
#include "actors/session/list_terms.hpp"
#include "actors/session/transparent_door.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace hub {

using namespace std::string_view_literals;

session_time now_of(session_pointer self) {
  return session_time{self->clock().now().time_since_epoch()};
}

bool is_stateless(session_pointer self) {
  return self->state.settings.id.empty();
}

rpc_answer failed(failure x) {
  rpc_answer result;
  result.kind = answer_kind::failure;
  result.why = std::make_shared<failure>(std::move(x));
  return result;
}

rpc_answer ended() {
  rpc_answer result;
  result.kind = answer_kind::cancelled;
  return result;
}

const known_server* server_of(session_pointer self) {
  auto& st = self->state;
  auto& servers = st.settings.snapshot->servers();
  auto i = std::ranges::find(servers, st.settings.door.server, &known_server::name);
  return i != servers.end() ? &*i : nullptr;
}

void keep_ticking(session_pointer self) {
  auto& st = self->state;
  if (st.ticking || (st.waiting.empty() && st.questions.empty()))
    return;
  st.ticking = true;
  self->delayed_send(self, std::chrono::seconds{1}, session_tick{});
}

namespace {

using pointer = session_pointer;

/// How long a request waits for a catalogue after its server was asked for:
/// longer than any start may take.
constexpr std::chrono::seconds catalogue_wait{120};

constexpr size_t max_waiting = 1000;

/// How often a session asks at most for lists to be read again.
constexpr std::chrono::seconds lists_pause{1};

int64_t seconds_since_1970() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

/// Tells the store that the session goes on.
void touch(pointer self) {
  auto& st = self->state;
  st.kept = st.used;
  if (st.settings.store)
    self->send(st.settings.store,
               touch_session{st.settings.id, st.logs, seconds_since_1970()});
}

/// How much of a result clients of this door take at once, in bytes; 0 for all.
size_t result_limit_of(pointer self) {
  auto& settings = self->state.settings;
  auto cuts = settings.results && (settings.door.server.empty() || settings.cuts_transparent);
  return cuts ? settings.federation.result_limit : 0;
}

/// A transparent door with one tool more, which reads on in results that were cut.
route route_cutting(pointer self, const known_server& server, const client_request& request) {
  auto params = request.message.params.view();
  if (request.message.method == "tools/call"sv && rpc::unquote(rpc::member(params, "name")) == read_result_name)
    return read_read_result(rpc::member(params, "arguments"), self->state.settings.federation.result_piece);
  auto result = route_transparent(server, request);
  if (auto* answer = std::get_if<rpc_answer>(&result); answer && request.message.method == "tools/list"sv)
    return with_read_result(std::move(*answer));
  return result;
}

/// The lists of servers that hold no longer are read again, for whoever asks next.
void refresh(pointer self, list_kind list) {
  auto& st = self->state;
  auto now = now_of(self);
  if (now < st.lists_rest_until)
    return;
  auto due = find_due(*st.settings.snapshot, st.settings.door.server, list, now);
  if (due.empty())
    return;
  st.lists_rest_until = now + lists_pause;
  self->send(st.settings.supervisor, refresh_lists{std::move(due)});
}

/// A list as the client gets it: in the stateless era it says how long it holds, and for whom.
/// @param only_own It has nothing of any server in it.
/// @param chosen What is in it was chosen for this client.
void finish_list(pointer self, const client_request& request, route& answer, bool only_own, bool chosen) {
  auto* list = std::get_if<rpc_answer>(&answer);
  if (!list || list->kind != answer_kind::result)
    return;
  auto& settings = self->state.settings;
  auto kind = list_kind_of(request.message.method);
  if (!kind)
    return;
  if (!only_own)
    refresh(self, *kind);
  if (!is_stateless(self))
    return;
  list_terms terms{own_list_ttl, true};
  if (!settings.door.server.empty())
    terms = terms_of(*server_of(self), *kind, now_of(self));
  else if (!only_own)
    terms = terms_of_all(*settings.snapshot, *kind, now_of(self));
  terms.is_public = terms.is_public && !chosen && !settings.policy && settings.door.principal.empty();
  *list = with_terms(std::move(*list), terms);
}

route find_any_route(pointer self, const client_request& request, const hub_status* states, const meaning_ranked* meaning) {
  auto& st = self->state;
  if (st.settings.door.server.empty()) {
    session_memory memory{self, request, meaning};
    std::vector<tool_ref> tools;
    if (request.message.method == "tools/list"sv)
      tools = chosen_tools(self, request);
    auto result = route_federated(*st.settings.snapshot, st.settings.federation, request, states,
                                  memory.empty() ? nullptr : &memory, tools);
    if (request.message.method == "tools/call"sv && std::holds_alternative<rpc_answer>(result))
      // A search, for the most part.
      refresh(self, list_kind::tools);
    auto lists_tools = request.message.method == "tools/list"sv;
    auto chooses = request.tools.value_or(st.settings.federation.tools) > 0;
    finish_list(self, request, result, lists_tools && !chooses, lists_tools && chooses);
    return result;
  }
  if (auto* server = server_of(self)) {
    auto result = result_limit_of(self) > 0 ? route_cutting(self, *server, request) : route_transparent(*server, request);
    finish_list(self, request, result, false, false);
    return result;
  }
  return failed({failure::kind::unknown_server, st.settings.door.server,
                 "server " + st.settings.door.server + " is not configured any more",
                 "Connect to another one; `slm-hub servers` lists them."});
}

route find_route(pointer self, const client_request& request, const hub_status* states,
                 const meaning_ranked* meaning = nullptr) {
  auto result = find_any_route(self, request, states, meaning);
  auto* call = std::get_if<forward>(&result);
  if (call && self->state.settings.policy)
    if (auto refusal = refuse(self, request, *call))
      return *refusal;
  if (call && call->method == "tools/call"sv)
    if (auto refusal = refuse_held(*self->state.settings.snapshot, *call)) {
      tell_refusal(self, request, *call, nullptr);
      return *refusal;
    }
  // Headers repeat what the client calls; a call inside of `hub__call_tool` has none.
  if (call && is_stateless(self) && call->method == "tools/call"sv && !call->tell_as_tool_result)
    if (auto wrong = find_header_mismatch(*self->state.settings.snapshot, *call, request))
      return error_of(rpc_code::header_mismatch, *wrong);
  return result;
}

/// Counts what the client was spared by an answer of the hub's own.
void count_savings(pointer self, const client_request& request, const rpc_answer& answer) {
  auto& settings = self->state.settings;
  if (!settings.saved || !settings.door.server.empty() || answer.kind != answer_kind::result)
    return;
  auto sent = answer.body.size();
  if (request.message.method == "tools/call"sv)
    // A search, which would not be without the hub; other tools of its own are small.
    return settings.saved->add_search(sent);
  if (request.message.method != "tools/list"sv)
    return;
  uint64_t all = 0;
  for (auto tool : settings.snapshot->tools())
    all += settings.snapshot->tool(tool).size();
  settings.saved->add_list(all > sent ? all - sent : 0, sent);
}

make_call call_of(pointer self, const client_request& request, forward to) {
  auto& st = self->state;
  // Stateless clients may use the same ids at the same time.
  auto scope = is_stateless(self) ? request.from.id : st.settings.number;
  auto logs = is_stateless(self) ? request.logs : st.logs;
  auto isolated = to.per_session && !is_stateless(self);
  if (st.settings.door.server.empty() && to.method == "tools/call"sv)
    // Their ids are the servers' own, so that they could not be told apart here.
    to.params = without_tasks(to.params);
  st.isolates |= isolated;
  auto choices = to.cascades && to.method == "tools/call"sv ? choices_of(self, to) : nullptr;
  if (st.settings.learning && to.method == "tools/call"sv)
    note_called(self, request, to);
  return make_call{{scope, std::string{request.message.id.view()}},
                   std::move(to.server),
                   std::move(to.method),
                   std::move(to.params),
                   request.from,
                   // It holds the rule that let the call through.
                   is_stateless(self) ? request.client : st.settings.client,
                   is_stateless(self) ? session_actor{} : caf::actor_cast<session_actor>(self),
                   logs,
                   isolated ? st.settings.number : 0,
                   to.time_limit,
                   to.tell_as_tool_result,
                   origin_of(self),
                   to.rule,
                   std::move(to.cache_rule),
                   std::move(to.price),
                   std::move(choices),
                   request.trace,
                   request.received,
                   result_limit_of(self)};
}

void answer_later(pointer self, client_request request, reply<rpc_answer> asker, missing what);

} // namespace

void answer_now(pointer self, client_request request, reply<rpc_answer> asker, const hub_status* states,
                const meaning_ranked* meaning) {
  auto next = find_route(self, request, states, meaning);
  if (auto* answer = std::get_if<rpc_answer>(&next)) {
    count_savings(self, request, *answer);
    asker.deliver(std::move(*answer));
  } else if (auto* to = std::get_if<forward>(&next)) {
    auto owed = std::make_shared<reply<rpc_answer>>(std::move(asker));
    self->request(self->state.settings.calls, caf::infinite, call_of(self, request, std::move(*to)))
      .then([owed](rpc_answer& x) { owed->deliver(std::move(x)); },
            [owed](caf::error& x) { owed->deliver(std::move(x)); });
  } else if (auto* wish = std::get_if<lock_wish>(&next)) {
    ask_for_lock(self, request, std::move(*wish), std::move(asker));
  } else if (auto* wish = std::get_if<memory_wish>(&next)) {
    ask_memory(self, std::move(request), *wish, std::move(asker));
  } else if (auto* search = std::get_if<meaning_wish>(&next)) {
    ask_for_meaning(self, std::move(request), std::move(*search), std::move(asker));
  } else if (auto* more = std::get_if<read_result>(&next)) {
    ask_for_result(self, request, std::move(*more), std::move(asker));
  } else {
    answer_later(self, std::move(request), std::move(asker), std::get<missing>(next));
  }
}

namespace {

/// Answers everything that waits for the catalogue with a failure.
void fail_waiting(pointer self, const std::shared_ptr<const failure>& why) {
  for (auto& x : std::exchange(self->state.waiting, {})) {
    rpc_answer answer;
    answer.kind = answer_kind::failure;
    answer.why = why;
    x.asker.deliver(std::move(answer));
  }
}

/// Has the server of the door started, whose lists then arrive in a snapshot.
void ask_for_server(pointer self) {
  auto& st = self->state;
  if (std::exchange(st.asking, true))
    return;
  need_backend wanted{st.settings.door.server};
  wanted.only_to_learn = true;
  self->request(st.settings.supervisor, caf::infinite, std::move(wanted))
    .then(
      [self](backend_lease& lease) {
        self->state.asking = false;
        if (lease.why)
          fail_waiting(self, lease.why);
      },
      [self](const caf::error&) {
        self->state.asking = false;
        fail_waiting(self, std::make_shared<failure>(failure{
                             failure::kind::shutting_down, self->state.settings.door.server,
                             "The hub is shutting down", "Call again when it runs."}));
      });
}

void await_catalogue(pointer self, client_request request, reply<rpc_answer> asker) {
  auto& st = self->state;
  if (st.waiting.size() >= max_waiting) {
    asker.deliver(failed({failure::kind::overloaded, st.settings.door.server,
                          "too many requests wait for server " + st.settings.door.server,
                          "Wait until it has started."}));
    return;
  }
  st.waiting.push_back({std::move(request), std::move(asker), now_of(self) + catalogue_wait});
  keep_ticking(self);
  ask_for_server(self);
}

void answer_later(pointer self, client_request request, reply<rpc_answer> asker, missing what) {
  if (what == missing::catalogue) {
    await_catalogue(self, std::move(request), std::move(asker));
    return;
  }
  struct held_request {
    client_request request;
    reply<rpc_answer> asker;
  };
  auto held = std::make_shared<held_request>(held_request{std::move(request), std::move(asker)});
  auto give_up = [held](caf::error& x) { held->asker.deliver(std::move(x)); };
  auto& settings = self->state.settings;
  auto search = [self, held](const catalog_published& x) {
    take_snapshot(self, x.snapshot);
    answer_now(self, std::move(held->request), std::move(held->asker), nullptr);
  };
  if (what == missing::search_index && has_view(self))
    self->request(settings.catalog, caf::infinite, view_wanted(self, true)).then(search, give_up);
  else if (what == missing::search_index)
    self->request(settings.catalog, caf::infinite, get_searchable{}).then(search, give_up);
  else
    self->request(settings.supervisor, caf::infinite, get_status{})
      .then(
        [self, held](const hub_status& x) {
          answer_now(self, std::move(held->request), std::move(held->asker), &x);
        },
        give_up);
}

/// A new snapshot, or the client's view of it, is there.
void go_on_with(pointer self, const snapshot_ptr& news) {
  auto& st = self->state;
  auto before = take_snapshot(self, news);
  if (!st.listeners.empty())
    tell_changes(self, compare(*before, *st.settings.snapshot, st.settings.door.server));
  auto* server = st.waiting.empty() ? nullptr : server_of(self);
  if (server && server->catalogue)
    for (auto& waiting : std::exchange(st.waiting, {}))
      answer_now(self, std::move(waiting.request), std::move(waiting.asker), nullptr);
}

/// There is something new to see; the client sees what its rules let it.
void look_at(pointer self, const snapshot_ptr& news) {
  if (!has_view(self))
    return go_on_with(self, news);
  self->request(self->state.settings.catalog, caf::infinite, view_wanted(self, false))
    .then([self](const catalog_published& view) { go_on_with(self, view.snapshot); },
          [](const caf::error&) {
            // The hub ends; what it saw last does until then.
          });
}

void finish_session(pointer self) {
  auto& st = self->state;
  if (!is_stateless(self))
    self->send(st.settings.calls, cancel_scope{st.settings.number});
  if (st.isolates)
    self->send(st.settings.supervisor, release_scope{st.settings.number});
  for (auto& x : std::exchange(st.listeners, {}))
    x.asker.deliver(ended());
  for (auto& x : std::exchange(st.waiting, {}))
    x.asker.deliver(ended());
  self->quit();
}

caf::result<rpc_answer> answer(pointer self, client_request& request) {
  auto& st = self->state;
  st.used = now_of(self);
  if (request.message.method == "subscriptions/listen"sv && is_stateless(self))
    return listen(self, request);
  if (is_subscription(request.message.method))
    return subscribe(self, request);
  if (request.message.method == "logging/setLevel"sv) {
    auto level = rpc::unquote(rpc::member(request.message.params.view(), "level"));
    auto wanted = log_level_of(level.value_or(""));
    if (wanted == log_level::off)
      return error_of(invalid_params, "Invalid params: \"level\" is not one of debug, info, notice, "
                                      "warning, error, critical, alert, emergency");
    st.logs = wanted;
    touch(self);
  }
  auto next = find_route(self, request, nullptr);
  if (auto* answer = std::get_if<rpc_answer>(&next)) {
    count_savings(self, request, *answer);
    return std::move(*answer);
  }
  if (auto* to = std::get_if<forward>(&next))
    return self->delegate(st.settings.calls, call_of(self, request, std::move(*to)));
  auto promise = self->make_response_promise<rpc_answer>();
  reply<rpc_answer> asker{promise};
  if (auto* lock = std::get_if<lock_wish>(&next))
    ask_for_lock(self, request, std::move(*lock), std::move(asker));
  else if (auto* memory = std::get_if<memory_wish>(&next))
    ask_memory(self, std::move(request), *memory, std::move(asker));
  else if (auto* search = std::get_if<meaning_wish>(&next))
    ask_for_meaning(self, std::move(request), std::move(*search), std::move(asker));
  else if (auto* more = std::get_if<read_result>(&next))
    ask_for_result(self, request, std::move(*more), std::move(asker));
  else
    answer_later(self, std::move(request), std::move(asker), std::get<missing>(next));
  return promise;
}

} // namespace

owned_session_actor::behavior_type session(pointer self, session_settings settings) {
  self->state.settings = std::move(settings);
  self->state.opened = self->state.used = self->state.kept = now_of(self);
  self->state.logs = self->state.settings.logs;
  // CAF tries them in order: first the one that each call needs.
  return {
    [self](client_request& request) { return answer(self, request); },
    [self](close_session) {
      if (is_stateless(self))
        fail_waiting(self, std::make_shared<failure>(failure{failure::kind::stopping, self->state.settings.door.server,
                                                             "What this client may use has changed meanwhile",
                                                             "Send the request again."}));
      finish_session(self);
    },
    [self](const expire_session& x) {
      auto& st = self->state;
      if (st.kept != st.used || !st.listeners.empty())
        touch(self);
      if (st.listeners.empty() && st.waiting.empty() && now_of(self) - st.used > x.idle_limit)
        finish_session(self);
    },
    [self](get_session_status) {
      using std::chrono::duration_cast;
      using std::chrono::seconds;
      auto& st = self->state;
      session_status result;
      result.id = st.settings.id;
      result.door = text_of(st.settings.door);
      if (st.settings.client) {
        result.client_name = st.settings.client->name;
        result.client_version = st.settings.client->version;
        result.protocol_version = st.settings.client->protocol_version;
      }
      result.idle_seconds = duration_cast<seconds>(now_of(self) - st.used).count();
      result.age_seconds = duration_cast<seconds>(now_of(self) - st.opened).count();
      return result;
    },
    [self](const catalog_published& x) { look_at(self, x.snapshot); },
    [self](const policy_changed& x) {
      auto& st = self->state;
      st.settings.client = x.client;
      st.settings.policy = x.client->policy;
      if (st.settings.policy)
        st.settings.federation.memory = nullptr;
      st.permissions = {};
      look_at(self, x.snapshot);
    },
    [self](session_tick) {
      auto& st = self->state;
      st.ticking = false;
      auto late = [now = now_of(self)](const waiting_request& x) { return x.deadline <= now; };
      if (std::ranges::any_of(st.waiting, late))
        fail_waiting(self, std::make_shared<failure>(failure{
                             failure::kind::timed_out, st.settings.door.server,
                             "server " + st.settings.door.server + " did not list what it offers",
                             "See `slm-hub logs " + st.settings.door.server + "`."}));
      expire_questions(self);
      // It may have died while it was asked for its lists.
      if (!st.waiting.empty())
        ask_for_server(self);
      keep_ticking(self);
    },
    [self](const client_notification& x) {
      auto& st = self->state;
      st.used = now_of(self);
      if (x.message.method.empty()) {
        // Its answer to a question of ours.
        rpc_answer answer;
        answer.kind = x.message.kind == rpc::message_kind::result ? answer_kind::result : answer_kind::error;
        answer.body = x.message.body;
        answer_question(self, rpc::to_integer(x.message.id.view()).value_or(0), std::move(answer));
      }
      if (x.message.method == "notifications/roots/list_changed"sv)
        st.asked_roots = false;
      if (x.message.method == "notifications/roots/list_changed"sv && st.isolates)
        self->send(st.settings.supervisor, tell_scope{st.settings.number, x.message.method});
      if (x.message.method != "notifications/cancelled"sv)
        return;
      auto params = x.message.params.view();
      cancel_call taken_back;
      taken_back.key = {st.settings.number, std::string{rpc::member(params, "requestId")}};
      taken_back.reason = rpc::unquote(rpc::member(params, "reason")).value_or("");
      cancel_lock(self, taken_back.key.scope, taken_back.key.id);
      self->send(st.settings.calls, std::move(taken_back));
    },
    [self](const client_question& x) { return put_question(self, x); },
    [self](const question_lost& x) {
      answer_question(self, x.question, no_answer("The client has no stream open on which it could be asked"));
    },
    [self](const session_notice& x) { tell_client(self, x.message); },
    [self](const resource_changed& x) { tell_change(self, x); },
    [self](const open_stream& x) {
      self->state.used = now_of(self);
      return add_listener(self, change_listener{x.from, {}, {true, true, true}, "", {}});
    },
    [self](const exchange_closed& x) {
      auto& st = self->state;
      auto i = std::ranges::find(st.listeners, x.exchange,
                                 [](const change_listener& l) { return l.to.id; });
      if (i != st.listeners.end()) {
        end_listener(self, *i);
        st.listeners.erase(i);
      } else if (x.cancels) {
        cancel_lock(self, x.exchange, {});
        self->send(st.settings.calls, cancel_scope{x.exchange});
      }
    },
  };
}

} // namespace hub
