#include "actors/session/session_registry.hpp"

#include "actors/random_token.hpp"
#include "actors/session/session_parts.hpp"
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

std::string join(const std::vector<std::string>& names) {
  std::string result;
  for (auto& x : names)
    result += (result.empty() ? "" : ", ") + x;
  return result.empty() ? "none" : result;
}

/// Why nobody can go through a door; nothing if it is open.
std::optional<session_found> check_door(pointer self, const door& x, const client_policy* policy = nullptr) {
  auto hidden = [policy](const std::string& server) { return policy && !policy->shows(server); };
  auto& all = self->state.settings.snapshot;
  auto seen = part_of(all, x.group);
  if (!seen)
    return refused(session_outcome::unknown_server,
                   "Group not found: " + x.group + ". Configured are: " + join(all->group_names()));
  if (x.server.empty())
    return std::nullopt;
  auto& servers = all->servers();
  auto i = std::ranges::find(servers, x.server, &known_server::name);
  if (i == servers.end() || !seen->servers()[static_cast<size_t>(i - servers.begin())].member) {
    std::vector<std::string> names;
    for (auto& server : seen->servers())
      if (server.member && !hidden(server.name))
        names.push_back(server.name);
    return refused(session_outcome::unknown_server,
                   "Server not found: " + x.server
                     + (x.group.empty() ? ". Configured are: "
                                        : ". The group " + x.group + " has: ")
                     + join(names));
  }
  if (hidden(x.server)) {
    auto why = explain_denial(policy->decide(x.server), "server " + x.server);
    return refused(session_outcome::denied, why.cause + ". " + why.fix);
  }
  if (!i->enabled)
    return refused(session_outcome::disabled_server,
                   "Server " + x.server + " is disabled in the configuration. Switch it on with: slm-hub enable " + x.server);
  return std::nullopt;
}

owned_session_actor spawn_session(pointer self, std::string id, const door& x,
                                  std::shared_ptr<const client_context> client,
                                  client_policy_ptr policy, snapshot_ptr seen, bool kept = false,
                                  log_level logs = log_level::debug,
                                  std::shared_ptr<session_tally> tally = nullptr) {
  auto& st = self->state;
  session_settings settings;
  settings.number = session_scope | ++st.last_number;
  settings.id = std::move(id);
  settings.door = x;
  settings.client = std::move(client);
  settings.logs = logs;
  if (kept)
    settings.store = st.settings.store;
  settings.policy = std::move(policy);
  settings.snapshot = std::move(seen);
  settings.federation = st.settings.federation;
  // The memory belongs to the user, and rules are for those who may not see all.
  if (settings.policy)
    settings.federation.memory = nullptr;
  settings.calls = st.settings.calls;
  settings.supervisor = st.settings.supervisor;
  settings.watches = st.settings.watches;
  settings.locks = st.settings.locks;
  settings.catalog = st.settings.catalog;
  settings.observers = st.settings.observers;
  settings.saved = st.settings.saved;
  settings.results = st.settings.results;
  settings.cuts_transparent = st.settings.cuts_transparent;
  settings.tally = std::move(tally);
  settings.learning = st.settings.learning;
  settings.meaning = st.settings.meaning;
  auto result = self->spawn(session, std::move(settings));
  self->monitor(result);
  return result;
}

session_found found(std::string id, const owned_session_actor& x,
                    std::shared_ptr<const client_context> client = nullptr) {
  session_found result;
  result.id = std::move(id);
  result.session = caf::actor_cast<session_actor>(x);
  result.client = std::move(client);
  return result;
}

int64_t seconds_since_1970() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

std::shared_ptr<session_tally> make_tally(pointer self) {
  return is_wanted(self->state.settings.plugins) ? std::make_shared<session_tally>() : nullptr;
}

/// Takes a session in, and has the plugins told.
registry_state::entry& enter(pointer self, const std::string& id, registry_state::entry x, bool resumed) {
  auto& st = self->state;
  x.opened = std::chrono::steady_clock::time_point{self->clock().now().time_since_epoch()};
  if (is_wanted(st.settings.plugins))
    tell_plugins(st.settings.plugins,
                 plugin_event::session_started{mark_of_session(id), x.client, text_of(x.door), resumed});
  return st.sessions.emplace(id, std::move(x)).first->second;
}

/// Has the plugins told that a session is over.
void tell_end(const registry_state& st, const std::string& id, const registry_state::entry& x, std::string cause,
              std::chrono::steady_clock::time_point now) {
  if (!is_wanted(st.settings.plugins))
    return;
  plugin_event::session_ended news{mark_of_session(id), x.client, text_of(x.door), std::move(cause),
                                   std::chrono::duration_cast<std::chrono::milliseconds>(now - x.opened)};
  if (x.tally) {
    news.calls = x.tally->calls;
    news.failed = x.tally->failed;
  }
  tell_plugins(st.settings.plugins, std::move(news));
}

void tell_end(pointer self, const std::string& id, const registry_state::entry& x, std::string cause) {
  tell_end(self->state, id, x, std::move(cause),
           std::chrono::steady_clock::time_point{self->clock().now().time_since_epoch()});
}

/// Has the store forget a session.
void forget(pointer self, const std::string& id) {
  if (self->state.settings.store)
    self->send(self->state.settings.store, forget_session{id});
}

/// Forgets the session that was not used for longest, of those that nobody has asked
/// for since the hub began.
void forget_oldest_sleeping(pointer self) {
  auto& sleeping = self->state.sleeping;
  auto i = std::ranges::min_element(sleeping, {}, [](auto& x) { return x.second.used_at; });
  forget(self, i->first);
  sleeping.erase(i);
}

/// Calls `f` with what a client sees through a door, at once or when the catalog has
/// put it together, and answers with what it returns.
template <class F>
caf::result<session_found> with_view(pointer self, const door& x, const client_policy_ptr& policy, F f) {
  auto& all = self->state.settings.snapshot;
  auto group = x.server.empty() ? x.group : std::string{};
  if (!policy || !policy->hides())
    return f(part_of(all, group));
  auto promise = self->make_response_promise<session_found>();
  auto owed = std::make_shared<reply<session_found>>(promise);
  self->request(self->state.settings.catalog, caf::infinite, get_view{std::move(group), policy, false})
    .then([owed, f](const catalog_published& view) { owed->deliver(f(view.snapshot)); },
          [owed](caf::error& error) { owed->deliver(std::move(error)); });
  return promise;
}

session_found unknown_session() {
  return refused(session_outcome::unknown_session,
                 "Session not found. It has ended, or belongs to another address: initialize a new one.");
}

client_policy_ptr policy_of(pointer self, const client_context& client) {
  auto& rules = self->state.settings.permissions;
  return rules ? rules->policy_of({client.name, client.who ? std::string_view{client.who->role} : "", client.project})
               : nullptr;
}

/// The client of a session of the hub before this one, with what is known of it now.
std::shared_ptr<const client_context> awake(pointer self, const client_context& kept, const find_session& x) {
  auto client = std::make_shared<client_context>(kept);
  client->who = x.who;
  client->policy = policy_of(self, *client);
  return client;
}

/// Puts a session under the rules in force, which may be others than when it was looked for.
void judge_anew(pointer self, registry_state::entry& x) {
  auto client = std::make_shared<client_context>(*x.client);
  client->policy = policy_of(self, *client);
  x.client = client;
  self->send(x.actor, policy_changed{std::move(client), self->state.settings.snapshot});
}

/// Goes on with a session of the hub before this one.
caf::result<session_found> wake(pointer self, const find_session& x) {
  auto& st = self->state;
  auto i = st.sleeping.find(x.id);
  if (i == st.sleeping.end() || i->second.door != x.door)
    return unknown_session();
  auto client = awake(self, *i->second.client, x);
  if (auto closed = check_door(self, x.door, client->policy.get()))
    return *closed;
  return with_view(self, x.door, client->policy, [self, x, client, rules = st.settings.permissions](snapshot_ptr seen) {
    auto& st = self->state;
    // It may have been asked for twice.
    if (auto known = st.sessions.find(x.id); known != st.sessions.end())
      return found(x.id, known->second.actor, known->second.client);
    auto i = st.sleeping.find(x.id);
    if (i == st.sleeping.end())
      return unknown_session();
    auto logs = i->second.logs;
    st.sleeping.erase(i);
    auto tally = make_tally(self);
    auto session = spawn_session(self, x.id, x.door, client, client->policy, std::move(seen), true, logs, tally);
    auto& entry = enter(self, x.id, {x.door, session, client, true, {}, tally}, true);
    if (rules != st.settings.permissions)
      judge_anew(self, entry);
    return found(x.id, session, client);
  });
}

/// Why there can be no further session; nothing if there can.
std::optional<session_found> check_capacity(pointer self) {
  auto& st = self->state;
  if (st.sessions.size() < st.settings.max_sessions)
    return std::nullopt;
  return refused(session_outcome::too_many_sessions,
                 "The hub has " + std::to_string(st.sessions.size())
                   + " sessions, as many as max_sessions allows. End some, or raise it.");
}

/// The servers behind a door that its client would have started as processes of its own.
uint64_t programs_behind(const savings_counter& saved, const door& x, const catalog_snapshot& seen) {
  if (!x.server.empty())
    return saved.is_program(x.server);
  return static_cast<uint64_t>(std::ranges::count_if(seen.servers(), [&](auto& server) {
    return server.enabled && server.member && !server.denied && saved.is_program(server.name);
  }));
}

caf::result<session_found> open(pointer self, const open_session& x) {
  auto& policy = x.client->policy;
  if (auto closed = check_door(self, x.door, policy.get()))
    return *closed;
  if (auto full = check_capacity(self))
    return *full;
  return with_view(self, x.door, policy, [self, x, rules = self->state.settings.permissions](snapshot_ptr seen) {
    auto& st = self->state;
    if (auto full = check_capacity(self))
      return *full;
    if (!st.sleeping.empty() && st.sessions.size() + st.sleeping.size() >= st.settings.max_sessions)
      forget_oldest_sleeping(self);
    // MCP: session ids are visible ASCII and cannot be guessed.
    auto id = random_token();
    auto kept = x.kept && st.settings.store;
    if (kept)
      self->send(st.settings.store,
                 keep_session{{id, x.door, x.client, log_level::debug, seconds_since_1970()}});
    if (st.settings.saved)
      st.settings.saved->add_processes(programs_behind(*st.settings.saved, x.door, *seen));
    auto tally = make_tally(self);
    auto session
      = spawn_session(self, id, x.door, x.client, x.client->policy, std::move(seen), kept, log_level::debug, tally);
    auto& entry = enter(self, id, {x.door, session, x.client, kept, {}, tally}, false);
    if (rules != st.settings.permissions)
      judge_anew(self, entry);
    return found(std::move(id), session, x.client);
  });
}

caf::result<session_found> find_shared(pointer self, const find_stateless& x) {
  auto policy = x.client ? x.client->policy : nullptr;
  if (auto closed = check_door(self, x.door, policy.get()))
    return *closed;
  std::pair key{x.door, policy ? policy->key() : std::string{}};
  auto& known = self->state.stateless;
  if (auto i = known.find(key); i != known.end())
    return found("", i->second);
  return with_view(self, x.door, policy, [self, key, policy](snapshot_ptr seen) {
    auto& session = self->state.stateless[key];
    if (!session)
      session = spawn_session(self, "", key.first, nullptr, policy, std::move(seen));
    return found("", session);
  });
}

/// Ends what was begun with tokens that count no more.
void end_revoked(pointer self, const access_table& table) {
  auto& st = self->state;
  auto now = seconds_since_1970();
  auto revoked = [&](const door& x) { return !x.principal.empty() && !table.holds(x.principal, now); };
  std::erase_if(st.sessions, [&](const auto& x) {
    if (!revoked(x.second.door))
      return false;
    self->send(x.second.actor, close_session{});
    tell_end(self, x.first, x.second, "its token counts no more");
    if (x.second.kept)
      forget(self, x.first);
    return true;
  });
  std::erase_if(st.stateless, [&](const auto& x) {
    if (!revoked(x.first.first))
      return false;
    self->send(x.second, close_session{});
    return true;
  });
  std::erase_if(st.sleeping, [&](const auto& x) {
    if (!revoked(x.second.door))
      return false;
    forget(self, x.first);
    return true;
  });
}

/// Sessions go on under other rules. Stateless clients bring theirs with each request, so that
/// nobody finds the sessions of before; these end, and with them their streams.
void take_permissions(pointer self, const permission_table_ptr& table) {
  auto& st = self->state;
  st.settings.permissions = table;
  for (auto& [id, x] : st.sessions)
    judge_anew(self, x);
  for (auto& [key, actor] : std::exchange(st.stateless, {}))
    self->send(actor, close_session{});
}

void forget_ended(pointer self, const caf::actor_addr& who) {
  auto& st = self->state;
  std::erase_if(st.sessions, [&](const auto& x) {
    if (x.second.actor.address() != who)
      return false;
    tell_end(self, x.first, x.second, "nobody used it");
    if (x.second.kept)
      forget(self, x.first);
    return true;
  });
  std::erase_if(st.stateless, [&](const auto& x) { return x.second.address() == who; });
}

void sweep(pointer self) {
  auto& st = self->state;
  for (auto& [id, x] : st.sessions)
    self->send(x.actor, expire_session{st.settings.idle_limit});
  auto oldest = seconds_since_1970() - st.settings.idle_limit.count();
  std::erase_if(st.sleeping, [&](const auto& x) {
    if (x.second.used_at >= oldest)
      return false;
    forget(self, x.first);
    return true;
  });
}

/// Calls `f` with each session.
template <class F>
void for_each_session(pointer self, F&& f) {
  for (auto& [id, x] : self->state.sessions)
    f(x.actor);
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
  for (auto& [id, x] : self->state.sessions)
    self->request(x.actor, caf::infinite, get_session_status{})
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
  end_all();
}

void registry_state::end_all() {
  for (auto& [id, x] : std::exchange(sessions, {}))
    caf::anon_send(x.actor, close_session{});
  for (auto& [server, x] : std::exchange(stateless, {}))
    caf::anon_send(x, close_session{});
}

wired_registry_actor::behavior_type session_registry(pointer self, registry_settings settings) {
  self->state.settings = std::move(settings);
  for (auto& x : std::exchange(self->state.settings.kept, {}))
    self->state.sleeping.emplace(x.id, x);
  self->set_down_handler([self](const caf::down_msg& x) { forget_ended(self, x.source); });
  self->delayed_send(self, sweep_length, sweep_sessions{});
  return {
    [self](sweep_sessions) {
      sweep(self);
      self->delayed_send(self, sweep_length, sweep_sessions{});
    },
    [self](const catalog_published& x) {
      self->state.settings.snapshot = x.snapshot;
      for_each_session(self, [&](const owned_session_actor& s) { self->send(s, x); });
    },
    [self](const list_tools& x) {
      return tools_of(*self->state.settings.snapshot, x.server);
    },
    [self](const access_changed& x) { end_revoked(self, *x.table); },
    [self](const permissions_changed& x) {
      take_permissions(self, x.table);
      return permissions_taken{};
    },
    [self](end_sessions) {
      for (auto& [id, x] : self->state.sessions)
        tell_end(self, id, x, "the hub ends");
      self->state.end_all();
      return sessions_ended{};
    },
    [self](const open_session& x) { return open(self, x); },
    [self](const find_session& x) -> caf::result<session_found> {
      auto i = self->state.sessions.find(x.id);
      if (i != self->state.sessions.end() && i->second.door == x.door)
        return found(x.id, i->second.actor, i->second.client);
      return wake(self, x);
    },
    [self](const find_stateless& x) { return find_shared(self, x); },
    [self](const end_session& x) {
      auto& st = self->state;
      if (auto i = st.sleeping.find(x.id); i != st.sleeping.end() && i->second.door == x.door) {
        forget(self, x.id);
        st.sleeping.erase(i);
        return session_ended{true};
      }
      auto i = st.sessions.find(x.id);
      if (i == st.sessions.end() || i->second.door != x.door)
        return session_ended{false};
      self->send(i->second.actor, close_session{});
      tell_end(self, x.id, i->second, "its client ended it");
      if (i->second.kept)
        forget(self, x.id);
      st.sessions.erase(i);
      return session_ended{true};
    },
    [self](list_sessions) { return list(self); },
  };
}

} // namespace hub
