#pragma once

#include "actors/runtime/pinned.hpp"
#include "server/exchange_table.hpp"
#include "server/gate.hpp"
#include "server/server_neighbours.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hub {

/// The gate of one shard: the one place where connections and actors meet. It
/// keeps the exchanges of its shard and the sessions that they used, each of which
/// it monitors and forgets when it goes down. The HTTP server owns it; when it
/// ends, open exchanges get nothing more, and their connections are closed by the
/// server.
class pinned_gate final : public pinned<gate_actor::base>, public gate {
public:
  /// The most sessions that are remembered; over it they are looked up again.
  static constexpr size_t sessions_limit = 16'384;

  pinned_gate(caf::actor_config& config, shard& home, server_neighbours neighbours);

  behavior_type make_behavior() override;

  void on_exit() override;

  const char* name() const override {
    return "gate";
  }

  exchange_id enter(std::shared_ptr<visitor> who) override;
  void leave(exchange_id id) override;
  void find(std::string_view id, const door& where, const principal_ptr& principal, exchange_id who) override;
  void report(std::vector<door_refusals> refusals) override;
  void find_stateless(const door& where, std::shared_ptr<const client_context> client, exchange_id who) override;
  void open(const door& where, std::shared_ptr<const client_context> client, bool kept,
            exchange_id who) override;
  void ask(const known_session& session, asked request) override;
  void open_stream(known_session& session, exchange_id who) override;
  void tell(const known_session& session, rpc::envelope message) override;
  void close(known_session& session, exchange_id id, bool cancels) override;
  void end(const std::string& id, const door& where, told<session_ended> callback) override;
  void get_hub_status(told<hub_status> callback) override;
  void get_sessions(told<sessions_listed> callback) override;
  void get_counts(told<call_counts> callback) override;
  void get_report(hub::get_report question, told<hub::report> callback) override;
  void get_locks(told<locks_listed> callback) override;
  void get_tools(const std::string& server, told<tools_listed> callback) override;
  void restart(const std::string& server, told<server_restarted> callback) override;
  void begin_login(const std::string& server, std::string redirect_uri, told<login_begun> callback) override;
  void await_login(const std::string& server, uint64_t login, told<login_status> callback) override;
  void end_login(std::string query, told<login_status> callback) override;
  void reload(told<configuration_reloaded> callback) override;
  void get_tool_changes(const std::string& server, told<tool_changes_listed> callback) override;
  void approve(const std::string& server, const std::string& tool, told<tools_approved> callback) override;
  void log_out(const std::string& server, told<logged_out> callback) override;
  void reload_access(told<access_reloaded> callback) override;

private:
  using session_ptr = std::shared_ptr<known_session>;
  using session_map = std::map<std::string, session_ptr, std::less<>>;

  /// Remembers a session and watches it.
  session_ptr remember(session_map& where, const std::string& key, session_ptr session);

  /// Takes a session out, because its actor ended or was told to.
  void forget(caf::actor_id gone);

  /// Asks the registry and hands the answer to the exchange `who`.
  template <class Question>
  void look_up(Question question, session_map& where, std::string key, known_session known,
               exchange_id who);

  /// Asks `whom` and hands the answer, or null, to `callback`.
  template <class Answer, class Handle, class Question>
  void ask_actor(const Handle& whom, Question question, told<Answer> callback);

  server_neighbours neighbours_;
  exchange_table<visitor> exchanges_;

  /// Sessions of the handshake era by their ids.
  session_map sessions_;

  /// Sessions for stateless requests by the key of their door.
  session_map stateless_;

  /// Where the session of an actor stands.
  struct shelf {
    session_map* map;
    std::string key;
  };

  std::unordered_map<caf::actor_id, shelf> shelves_;
};

} // namespace hub
