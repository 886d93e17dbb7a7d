#include "actors/session/session_registry.hpp"

#include "actors/random_token.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace hub {

namespace {

using pointer = wired_registry_actor::stateful_pointer<registry_state>;

constexpr std::chrono::seconds sweep_length{30};

/// Keeps the scopes of sessions apart from those of stateless exchanges.
constexpr uint64_t session_scope = uint64_t{1} << 63;

session_found refused(session_outcome outcome, std::string message) {
  session_found result;
  result.outcome = outcome;
  result.message = std::move(message);
  return result;
}

/// Why nobody can go through a door; nothing if it is open.
std::optional<session_found> check_door(pointer self, const door& x) {
  if (x.server.empty())
    return std::nullopt;
  auto& servers = self->state.settings.snapshot->servers();
  auto i = std::ranges::find(servers, x.server, &known_server::name);
  if (i == servers.end()) {
    std::string names;
    for (auto& server : servers)
      names += (names.empty() ? "" : ", ") + server.name;
    return refused(session_outcome::unknown_server,
                   "Server not found: " + x.server + ". Configured are: "
                     + (names.empty() ? "none" : names));
  }
  if (!i->enabled)
    return refused(session_outcome::disabled_server,
                   "Server " + x.server + " is disabled. Enable it in the configuration and "
                                          "restart the hub.");
  return std::nullopt;
}

owned_session_actor spawn_session(pointer self, std::string id, const door& x,
                                  std::shared_ptr<const client_context> client) {
  auto& st = self->state;
  session_settings settings;
  settings.number = session_scope | ++st.last_number;
  settings.id = std::move(id);
  settings.door = x;
  settings.client = std::move(client);
  settings.snapshot = st.settings.snapshot;
  settings.federation = st.settings.federation;
  settings.calls = st.settings.calls;
  settings.supervisor = st.settings.supervisor;
  settings.watches = st.settings.watches;
  settings.catalog = st.settings.catalog;
  auto result = self->spawn(session, std::move(settings));
  self->monitor(result);
  return result;
}

session_found found(std::string id, const owned_session_actor& x) {
  session_found result;
  result.id = std::move(id);
  result.session = caf::actor_cast<session_actor>(x);
  return result;
}

/// Calls `f` with each session.
template <class F>
void for_each_session(pointer self, F&& f) {
  for (auto& [id, entry] : self->state.sessions)
    f(entry.second);
  for (auto& [server, x] : self->state.stateless)
    f(x);
}

/// Collects the states of all sessions and answers with the last one.
caf::result<sessions_listed> list(pointer self) {
  struct collection {
    reply<sessions_listed> asker;
    sessions_listed result;
    ~collection() {
      std::ranges::sort(result.sessions, {}, &session_status::age_seconds);
      asker.deliver(std::move(result));
    }
  };
  auto promise = self->make_response_promise<sessions_listed>();
  auto all = std::make_shared<collection>();
  all->asker = reply<sessions_listed>{promise};
  for (auto& [id, entry] : self->state.sessions)
    self->request(entry.second, caf::infinite, get_session_status{})
      .then([all](session_status& x) { all->result.sessions.push_back(std::move(x)); },
            [](const caf::error&) {
              // It ended in between, so it is none.
            });
  return promise;
}

/// The tools of one server, or of all, for people.
tools_listed tools_of(const catalog_snapshot& snapshot, const std::string& server) {
  tools_listed result;
  auto wanted = server.empty() ? std::nullopt : snapshot.find_server(server);
  result.server_exists = server.empty() || wanted.has_value();
  for (auto& ref : snapshot.tools()) {
    if (!server.empty() && ref.server != wanted)
      continue;
    auto text = snapshot.tool(ref).view();
    auto member = [text](std::string_view key) {
      return rpc::unquote(rpc::member(text, key)).value_or("");
    };
    auto name = member("name");
    result.tools.push_back({snapshot.tool_names().exposed_name(ref.server, name),
                            snapshot.servers()[ref.server].name, name, member("title"),
                            member("description")});
  }
  return result;
}

} // namespace

registry_state::~registry_state() {
  for (auto& [id, entry] : sessions)
    caf::anon_send(entry.second, close_session{});
  for (auto& [server, x] : stateless)
    caf::anon_send(x, close_session{});
}

wired_registry_actor::behavior_type session_registry(pointer self, registry_settings settings) {
  self->state.settings = std::move(settings);
  self->set_down_handler([self](const caf::down_msg& x) {
    auto& st = self->state;
    std::erase_if(st.sessions,
                  [&x](const auto& e) { return e.second.second.address() == x.source; });
    std::erase_if(st.stateless, [&x](const auto& e) { return e.second.address() == x.source; });
  });
  self->delayed_send(self, sweep_length, sweep_sessions{});
  return {
    [self](sweep_sessions) {
      for (auto& [id, entry] : self->state.sessions)
        self->send(entry.second, expire_session{self->state.settings.idle_limit});
      self->delayed_send(self, sweep_length, sweep_sessions{});
    },
    [self](const catalog_published& x) {
      self->state.settings.snapshot = x.snapshot;
      for_each_session(self, [&](const owned_session_actor& s) { self->send(s, x); });
    },
    [self](const list_tools& x) {
      return tools_of(*self->state.settings.snapshot, x.server);
    },
    [self](open_session& x) {
      auto& st = self->state;
      if (auto closed = check_door(self, x.door))
        return *closed;
      if (st.sessions.size() >= st.settings.max_sessions)
        return refused(session_outcome::too_many_sessions,
                       "The hub has " + std::to_string(st.sessions.size())
                         + " sessions, as many as max_sessions allows. End some, or raise it.");
      // MCP: session ids are visible ASCII and cannot be guessed.
      auto id = random_token();
      auto session = spawn_session(self, id, x.door, std::move(x.client));
      st.sessions.emplace(id, std::pair{x.door, session});
      return found(std::move(id), session);
    },
    [self](const find_session& x) {
      auto i = self->state.sessions.find(x.id);
      if (i == self->state.sessions.end() || i->second.first.server != x.door.server)
        return refused(session_outcome::unknown_session,
                       "Session not found. It has ended, or belongs to another address: initialize "
                       "a new one.");
      return found(x.id, i->second.second);
    },
    [self](const find_stateless& x) {
      auto& st = self->state;
      if (auto closed = check_door(self, x.door))
        return *closed;
      auto& session = st.stateless[x.door.server];
      if (!session)
        session = spawn_session(self, "", x.door, nullptr);
      return found("", session);
    },
    [self](const end_session& x) {
      auto& st = self->state;
      auto i = st.sessions.find(x.id);
      if (i == st.sessions.end() || i->second.first.server != x.door.server)
        return session_ended{false};
      self->send(i->second.second, close_session{});
      st.sessions.erase(i);
      return session_ended{true};
    },
    [self](list_sessions) { return list(self); },
  };
}

} // namespace hub
