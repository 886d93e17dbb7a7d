#include "server/pinned_gate.hpp"

#include "messages/policy.hpp"

#include <caf/send.hpp>

#include <string>
#include <utility>

namespace hub {

using namespace std::string_literals;

namespace {

/// The answer of an actor that ended before it could give one.
rpc_answer answer_of_nobody() {
  rpc_answer result;
  result.kind = answer_kind::failure;
  result.why = std::make_shared<const failure>(
    failure{failure::kind::internal, "", "The session ended before it could answer",
            "Send the request again; with a session id, initialize anew"});
  return result;
}

/// A door for clients under some permission rules as the key of a table; neither a
/// name of a group nor the id of a principal holds a NUL.
std::string key_of(const door& x, const client_context* client) {
  auto result = x.group.empty() ? x.server : x.group + '\0' + x.server;
  if (!x.principal.empty())
    result = x.principal + "\0\0"s + result;
  if (client && client->policy)
    result += "\0"s + client->policy->key();
  return result;
}

} // namespace

pinned_gate::pinned_gate(caf::actor_config& config, shard& home, server_neighbours neighbours)
  : pinned(config, home), neighbours_(std::move(neighbours)), exchanges_(home.index()) {
  set_down_handler([this](const caf::down_msg& x) { forget(x.source.id()); });
}

pinned_gate::behavior_type pinned_gate::make_behavior() {
  return {
    [this](const stream_event& x) {
      auto who = exchanges_.find(x.exchange);
      if ((!who || !who->on_event(x.message)) && x.question != 0)
        send(x.asker, question_lost{x.question});
    },
  };
}

void pinned_gate::on_exit() {
  sessions_.clear();
  stateless_.clear();
  shelves_.clear();
  neighbours_ = {};
}

exchange_id pinned_gate::enter(std::shared_ptr<visitor> who) {
  return exchanges_.insert(std::move(who));
}

void pinned_gate::leave(exchange_id id) {
  exchanges_.erase(id);
}

void pinned_gate::find(std::string_view id, const door& where, const principal_ptr& principal, exchange_id who) {
  if (auto i = sessions_.find(id); i != sessions_.end()) {
    auto visitor = exchanges_.find(who);
    if (i->second->door == where)
      visitor->on_session({session_outcome::found, {}, i->second});
    else
      visitor->on_session({session_outcome::unknown_session, {}, nullptr});
    return;
  }
  std::string key{id};
  look_up(find_session{key, where, principal}, sessions_, key, {key, where}, who);
}

void pinned_gate::report(std::vector<door_refusals> refusals) {
  if (!neighbours_.observers)
    return;
  for (auto& [to, gauge] : *neighbours_.observers)
    if (gauge->enter(refusals.size(), 0))
      send(to, requests_refused{refusals});
}

void pinned_gate::find_stateless(const door& where, std::shared_ptr<const client_context> client,
                                 exchange_id who) {
  auto key = key_of(where, client.get());
  if (auto i = stateless_.find(key); i != stateless_.end()) {
    auto visitor = exchanges_.find(who);
    return visitor->on_session({session_outcome::found, {}, i->second});
  }
  look_up(hub::find_stateless{where, std::move(client)}, stateless_, std::move(key), {{}, where}, who);
}

void pinned_gate::open(const door& where, std::shared_ptr<const client_context> client, bool kept,
                       exchange_id who) {
  known_session known{{}, where, {}, client};
  look_up(open_session{where, std::move(client), kept}, sessions_, {}, std::move(known), who);
}

template <class Question>
void pinned_gate::look_up(Question question, session_map& where, std::string key,
                          known_session known, exchange_id who) {
  request(neighbours_.sessions, caf::infinite, std::move(question))
    .then(
      [this, &where, key = std::move(key), known = std::move(known), who](session_found& x) {
        session_answer answer{x.outcome, std::move(x.message), nullptr};
        if (x.outcome == session_outcome::found) {
          auto session = std::make_shared<known_session>(known);
          session->id = std::move(x.id);
          session->actor = std::move(x.session);
          if (!session->client)
            session->client = std::move(x.client);
          // An id that was looked up is the one to remember; a new session brings one.
          auto name = known.client ? session->id : key;
          answer.session = remember(where, name, std::move(session));
        }
        if (auto visitor = exchanges_.find(who))
          visitor->on_session(std::move(answer));
        else if (known.client && answer.session)
          // Nobody knows the id of a session whose opener left.
          anon_send(neighbours_.sessions, end_session{answer.session->id, known.door});
      },
      [this, who](const caf::error&) {
        if (auto visitor = exchanges_.find(who))
          visitor->on_session({session_outcome::shutting_down, "The hub is shutting down", nullptr});
      });
}

pinned_gate::session_ptr pinned_gate::remember(session_map& where, const std::string& key,
                                               session_ptr session) {
  // Two exchanges may have looked for the same session at a time.
  if (auto i = where.find(key); i != where.end())
    return i->second;
  if (where.size() < sessions_limit) {
    monitor(session->actor);
    shelves_[session->actor.id()] = {&where, key};
    where.emplace(key, session);
  }
  return session;
}

void pinned_gate::forget(caf::actor_id gone) {
  if (auto i = shelves_.find(gone); i != shelves_.end()) {
    i->second.map->erase(i->second.key);
    shelves_.erase(i);
  }
}

void pinned_gate::ask(const known_session& session, asked x) {
  client_request question;
  question.message = std::move(x.message);
  question.from.gate = gate_actor{this};
  question.from.id = x.exchange;
  question.client = std::move(x.client);
  question.logs = x.logs;
  question.param_headers = std::move(x.param_headers);
  question.trace = std::move(x.trace);
  question.received = x.received;
  question.tools = x.tools;
  request(session.actor, caf::infinite, std::move(question))
    .then(
      [this, id = x.exchange, part = x.part](rpc_answer& answer) {
        if (auto who = exchanges_.find(id))
          who->on_answer(part, std::move(answer));
      },
      [this, id = x.exchange, part = x.part](const caf::error&) {
        if (auto who = exchanges_.find(id))
          who->on_answer(part, answer_of_nobody());
      });
}

void pinned_gate::open_stream(known_session& session, exchange_id who) {
  session.stream_open = true;
  hub::open_stream question;
  question.from.gate = gate_actor{this};
  question.from.id = who;
  auto finish = [this, who](rpc_answer answer) {
    if (auto visitor = exchanges_.find(who))
      visitor->on_answer(0, std::move(answer));
  };
  request(session.actor, caf::infinite, std::move(question))
    .then([finish](rpc_answer& answer) { finish(std::move(answer)); },
          [finish](const caf::error&) { finish(answer_of_nobody()); });
}

void pinned_gate::tell(const known_session& session, rpc::envelope message) {
  send(session.actor, client_notification{std::move(message)});
}

void pinned_gate::close(known_session& session, exchange_id id, bool cancels) {
  send(session.actor, exchange_closed{id, cancels});
}

template <class Answer, class Handle, class Question>
void pinned_gate::ask_actor(const Handle& whom, Question question, told<Answer> callback) {
  auto shared = std::make_shared<told<Answer>>(std::move(callback));
  if (!whom)
    return (*shared)(nullptr);
  request(whom, caf::infinite, std::move(question))
    .then([shared](const Answer& x) { (*shared)(&x); },
          [shared](const caf::error&) { (*shared)(nullptr); });
}

void pinned_gate::end(const std::string& id, const door& where, told<session_ended> callback) {
  ask_actor<session_ended>(neighbours_.sessions, end_session{id, where}, std::move(callback));
  if (auto i = sessions_.find(id); i != sessions_.end() && i->second->door == where) {
    demonitor(i->second->actor.address());
    forget(i->second->actor.id());
  }
}

void pinned_gate::get_hub_status(told<hub_status> callback) {
  ask_actor<hub_status>(neighbours_.supervisor, get_status{}, std::move(callback));
}

void pinned_gate::get_sessions(told<sessions_listed> callback) {
  ask_actor<sessions_listed>(neighbours_.sessions, list_sessions{}, std::move(callback));
}

void pinned_gate::get_counts(told<call_counts> callback) {
  ask_actor<call_counts>(neighbours_.calls, get_call_counts{}, std::move(callback));
}

void pinned_gate::get_report(hub::get_report question, told<hub::report> callback) {
  auto i = neighbours_.reports.find(question.what);
  if (i == neighbours_.reports.end())
    return callback(nullptr);
  ask_actor<hub::report>(i->second, std::move(question), std::move(callback));
}

void pinned_gate::get_locks(told<locks_listed> callback) {
  locks_listed none;
  if (!neighbours_.locks)
    return callback(&none);
  ask_actor<locks_listed>(neighbours_.locks, list_locks{}, std::move(callback));
}

void pinned_gate::get_cache(told<cache_figures_told> callback) {
  ask_actor<cache_figures_told>(neighbours_.calls, get_cache_figures{}, std::move(callback));
}

void pinned_gate::clear_cache(const std::string& server, told<results_dropped> callback) {
  ask_actor<results_dropped>(neighbours_.calls, drop_results{server}, std::move(callback));
}

void pinned_gate::get_tools(const std::string& server, told<tools_listed> callback) {
  ask_actor<tools_listed>(neighbours_.tools, list_tools{server}, std::move(callback));
}

void pinned_gate::restart(const std::string& server, told<server_restarted> callback) {
  // Who restarts a server does not want to hear what it said before.
  clear_cache(server, [](const results_dropped*) {});
  ask_actor<server_restarted>(neighbours_.supervisor, restart_server{server},
                              std::move(callback));
}

void pinned_gate::begin_login(const std::string& server, std::string redirect_uri, told<login_begun> callback) {
  ask_actor<login_begun>(neighbours_.logins, hub::begin_login{server, std::move(redirect_uri)}, std::move(callback));
}

void pinned_gate::await_login(const std::string& server, uint64_t login, told<login_status> callback) {
  ask_actor<login_status>(neighbours_.logins, hub::await_login{server, login}, std::move(callback));
}

void pinned_gate::end_login(std::string query, told<login_status> callback) {
  ask_actor<login_status>(neighbours_.logins, hub::end_login{std::move(query)}, std::move(callback));
}

void pinned_gate::reload_access(told<access_reloaded> callback) {
  ask_actor<access_reloaded>(neighbours_.access, hub::reload_access{}, std::move(callback));
}

void pinned_gate::reload(told<configuration_reloaded> callback) {
  ask_actor<configuration_reloaded>(neighbours_.configuration, reload_configuration{}, std::move(callback));
}

void pinned_gate::get_tool_changes(const std::string& server, told<tool_changes_listed> callback) {
  ask_actor<tool_changes_listed>(neighbours_.reviews, list_tool_changes{server}, std::move(callback));
}

void pinned_gate::approve(const std::string& server, const std::string& tool, told<tools_approved> callback) {
  ask_actor<tools_approved>(neighbours_.reviews, approve_tools{server, tool}, std::move(callback));
}

void pinned_gate::log_out(const std::string& server, told<logged_out> callback) {
  ask_actor<logged_out>(neighbours_.logins, hub::log_out{server}, std::move(callback));
}

} // namespace hub
