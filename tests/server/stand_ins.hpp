#pragma once

#include "messages/authorization.hpp"
#include "messages/call.hpp"
#include "messages/client.hpp"
#include "messages/management.hpp"
#include "messages/reply.hpp"
#include "messages/rpc/compose.hpp"
#include "messages/rpc/json_scan.hpp"
#include "messages/supervisor.hpp"
#include "tests/support/live_system.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hub::test {

/// What the stand-ins were told, for a test on another thread.
class diary {
public:
  void note(std::string line) {
    std::lock_guard guard{mutex_};
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }

  /// Waits until a line has been noted `times` times.
  void await(const std::string& line, size_t times = 1) {
    std::unique_lock guard{mutex_};
    auto there = changed_.wait_for(guard, patience, [&] {
      return static_cast<size_t>(std::count(lines_.begin(), lines_.end(), line)) >= times;
    });
    REQUIRE_MESSAGE(there, "never noted: " << line);
  }

  bool has(const std::string& line) const {
    std::lock_guard guard{mutex_};
    return std::find(lines_.begin(), lines_.end(), line) != lines_.end();
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

struct session_stand_in_state {
  struct waiting {
    exchange_address from;
    reply<rpc_answer> asker;
  };

  std::vector<waiting> held;
  std::vector<waiting> streams;
};

inline rpc_answer result_of(std::string body) {
  rpc_answer x;
  x.body = json_text{std::move(body)};
  return x;
}

inline rpc_answer error_of(std::string body) {
  auto x = result_of(std::move(body));
  x.kind = answer_kind::error;
  return x;
}

/// A session that does at once what the name of a called tool says: `echo`, `wait`
/// (answers at the notification `release`), `progress` (three events, then the
/// answer), `flood` (2,000 events of 1 KB, then waits), `big` (10 MB), `die`.
inline session_actor::behavior_type
session_stand_in(session_actor::stateful_pointer<session_stand_in_state> self,
                 std::shared_ptr<diary> notes) {
  auto hold = [self](const exchange_address& from, auto& where) {
    auto promise = self->make_response_promise<rpc_answer>();
    where.push_back({from, reply<rpc_answer>{promise}});
    return promise;
  };
  auto send_events = [self](const exchange_address& to, int count, const std::string& filler) {
    for (auto i = 1; i <= count; ++i)
      self->send(to.gate, stream_event{to.id, rpc::make_request(
        "", "notifications/progress",
        json_text{R"({"progress":)" + std::to_string(i) + filler + "}"})});
  };
  return {
    [=](const client_request& x) -> caf::result<rpc_answer> {
      auto& method = x.message.method;
      if (method == "initialize") {
        if (x.client->name == "refused")
          return error_of(R"({"code":-32602,"message":"no"})");
        return result_of(R"({"protocolVersion":")" + x.client->protocol_version + "\"}");
      }
      auto tool = rpc::unquote(rpc::member(x.message.params.view(), "name")).value_or("");
      if (method == "subscriptions/listen")
        tool = "progress";
      if (tool == "wait" || tool == "flood") {
        notes->note("waits");
        if (tool == "flood")
          send_events(x.from, 2000, R"(,"message":")" + std::string(1000, 'x') + "\"");
        return hold(x.from, self->state.held);
      }
      if (tool == "progress")
        send_events(x.from, 3, "");
      if (tool == "big")
        return result_of(R"({"content":")" + std::string(10'000'000, 'b') + "\"}");
      if (tool == "die") {
        auto promise = hold(x.from, self->state.held);
        self->quit();
        return promise;
      }
      if (method == "no/such")
        return error_of(R"({"code":-32601,"message":"Method not found"})");
      if (method == "tools/list")
        return result_of(R"({"tools":[]})");
      return result_of(R"({"content":[{"type":"text","text":")" + x.client->protocol_version
                       + "\"}]}");
    },
    [](const client_question&) { return result_of("{}"); },
    [=](const question_lost& x) { notes->note("lost question " + std::to_string(x.question)); },
    [](const session_notice&) {},
    [](const resource_changed&) {},
    [=](const client_notification& x) {
      notes->note(x.message.kind == rpc::message_kind::notification ? x.message.method
                                                                    : "answer");
      if (x.message.method != "release")
        return;
      for (auto& one : std::exchange(self->state.held, {}))
        one.asker.deliver(result_of(R"({"content":[]})"));
    },
    [=](const open_stream& x) -> caf::result<rpc_answer> {
      send_events(x.from, 1, "");
      return hold(x.from, self->state.streams);
    },
    [=](const exchange_closed& x) {
      notes->note(x.cancels ? "closed and cancelled" : "closed");
      for (auto where : {&self->state.held, &self->state.streams})
        for (auto& one : *where)
          if (one.from.id == x.exchange && (x.cancels || where == &self->state.streams)) {
            rpc_answer answer;
            answer.kind = answer_kind::cancelled;
            one.asker.deliver(std::move(answer));
          }
    },
  };
}

struct registry_stand_in_state {
  registry_stand_in_state() = default;

  /// A session that still owes an answer holds itself.
  ~registry_stand_in_state() {
    for (auto& [id, session] : sessions)
      caf::anon_send_exit(session.actor, caf::exit_reason::kill);
    for (auto& [server, session] : stateless)
      caf::anon_send_exit(session, caf::exit_reason::kill);
  }

  struct entry {
    std::string server;
    session_actor actor;
    std::shared_ptr<const client_context> client;
  };

  std::map<std::string, entry> sessions;
  std::map<std::string, session_actor> stateless;
};

/// A registry whose sessions are called `session-1`, `session-2`, ... Behind the
/// door of the server `missing` there is nothing.
inline session_registry_actor::behavior_type
registry_stand_in(session_registry_actor::stateful_pointer<registry_stand_in_state> self,
                  std::shared_ptr<diary> notes) {
  auto none = [](session_outcome outcome) {
    return session_found{outcome, "", {}, "There is no such thing. Look elsewhere."};
  };
  return {
    [=](const open_session& x) {
      if (x.door.server == "missing")
        return none(session_outcome::unknown_server);
      auto id = "session-" + std::to_string(self->state.sessions.size() + 1);
      auto session = self->spawn(session_stand_in, notes);
      self->state.sessions[id] = {x.door.server, session, x.client};
      return session_found{session_outcome::found, id, session, "", x.client};
    },
    [=](const find_session& x) {
      auto i = self->state.sessions.find(x.id);
      if (i == self->state.sessions.end() || i->second.server != x.door.server)
        return none(session_outcome::unknown_session);
      notes->note("looked up");
      return session_found{session_outcome::found, x.id, i->second.actor, "", i->second.client};
    },
    [=](const find_stateless& x) {
      if (x.door.server == "missing")
        return none(session_outcome::unknown_server);
      auto& session = self->state.stateless[x.door.server];
      if (!session)
        session = self->spawn(session_stand_in, notes);
      return session_found{session_outcome::found, "", session, ""};
    },
    [=](const end_session& x) {
      auto i = self->state.sessions.find(x.id);
      if (i == self->state.sessions.end() || i->second.server != x.door.server)
        return session_ended{false};
      notes->note("ended " + x.id);
      self->send_exit(i->second.actor, caf::exit_reason::user_shutdown);
      self->state.sessions.erase(i);
      return session_ended{true};
    },
    [=](list_sessions) {
      sessions_listed result;
      for (auto& [id, session] : self->state.sessions)
        result.sessions.push_back({id + "-and-a-secret", "client", "1", "2025-11-25",
                                   session.server, 2, 3});
      return result;
    },
  };
}

/// A supervisor of one server, `git`.
inline supervisor_actor::behavior_type supervisor_stand_in(supervisor_actor::pointer) {
  return {
    [](const need_backend&) { return backend_lease{}; },
    [](get_status) {
      hub_status result;
      result.state = "running";
      result.uptime_seconds = 5;
      server_status git;
      git.name = "git";
      git.state = server_state::backing_off;
      git.transport = "stdio";
      git.last_error = "exited with 1";
      git.last_stderr = {"a \"quoted\" line"};
      git.p95_ms = 1.5;
      git.log = "/logs/git.log";
      result.servers.push_back(git);
      return result;
    },
    [](const restart_server& x) {
      return server_restarted{x.server == "git", "server " + x.server + " restarts"};
    },
    [](const shut_down&) { return shut_down_done{}; },
    [](const backend_spawned&) {},
    [](const backend_ready&) {},
    [](const backend_stopped&) {},
    [](const catalogue_learned&) {},
    [](const keep_running&) {},
    [](const release_scope&) {},
    [](const tell_scope&) {},
    [](const refresh_lists&) {},
    [](const call_ended&) {},
  };
}

inline call_actor::behavior_type calls_stand_in(call_actor::pointer) {
  return {
    [](const make_call&) { return rpc_answer{}; },
    [](const server_question&) { return result_of("{}"); },
    [](const question_in_doubt&) {},
    [](const park_call&) {},
    [](const cancel_call&) {},
    [](const cancel_scope&) {},
    [](const drain_calls&) { return calls_drained{}; },
    [](get_call_counts) { return call_counts{1, 2, 3, 4}; },
    [](calls_tick) {},
    [](const drop_results&) { return results_dropped{2, 900}; },
    [](get_cache_figures) { return cache_figures_told{{{"s", 1, 400, 3, 1, 0, 0}}}; },
  };
}

/// Logins at the server `git`, whose states are called as its queries.
inline login_actor::behavior_type logins_stand_in(login_actor::pointer) {
  using kind = login_status::kind;
  return {
    [](const begin_login& x) {
      if (x.server != "git")
        return login_begun{false, "", 0, "There is no server " + x.server, "Look at the list"};
      return login_begun{true, "https://as.example/?back=" + x.redirect_uri, 7, "", ""};
    },
    [](const await_login& x) {
      return login_status{x.login == 7 ? kind::done : kind::failed, x.server, "it ended", "again"};
    },
    [](const end_login& x) {
      return login_status{x.query == "state=good" ? kind::done : kind::failed, "git", "<b>said</b>", "fix"};
    },
    [](const log_out& x) { return logged_out{x.server == "git", "gone", ""}; },
  };
}

/// A configuration with a mistake.
inline configuration_actor::behavior_type configuration_stand_in(configuration_actor::pointer) {
  return {
    [](reload_configuration) {
      configuration_reloaded result;
      result.errors.emplace_back("config.json:3: a comma is missing");
      return result;
    },
    [](check_configuration) {},
  };
}

/// One tool of `git` has changed and is held.
inline tool_review_actor::behavior_type reviews_stand_in(tool_review_actor::pointer) {
  return {
    [](const list_tool_changes& x) {
      tool_changes_listed result;
      result.server_exists = x.server.empty() || x.server == "git";
      reviewed_tool tool;
      tool.name = "log";
      tool.state = pin_state::changed;
      tool.held = true;
      tool.pinned = json_text{R"({"name":"log"})"};
      tool.current = json_text{R"({"name":"log","title":"L"})"};
      tool.suspicions.emplace_back("title is odd");
      if (result.server_exists)
        result.servers.push_back({"git", change_policy::hold, {tool}});
      return result;
    },
    [](const approve_tools& x) {
      return tools_approved{x.server == "git" && x.tool == "a log", x.tool, "look"};
    },
  };
}

inline tool_lister_actor::behavior_type tools_stand_in(tool_lister_actor::pointer) {
  return {
    [](const list_tools& x) {
      tools_listed result;
      result.server_exists = x.server.empty() || x.server == "git";
      if (result.server_exists)
        result.tools.push_back({"git__log", "git", "log", "Log", "Shows \"commits\""});
      return result;
    },
  };
}

} // namespace hub::test
