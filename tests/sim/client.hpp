#pragma once

#include "messages/client.hpp"
#include "tests/sim/dice.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/support/stage.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub::sim {

/// Numbers that differ in the whole world.
struct world_numbers {
  uint64_t markers = 0;

  /// As the gate of shard 0 counts them: far from the numbers of sessions.
  exchange_id exchanges = uint64_t{1} << 16;
};

/// Where the clients of one world send and write down.
struct client_surroundings {
  test::stage& stage;
  std::shared_ptr<ledger> book;
  std::shared_ptr<dice> luck;
  gate_actor gate;
  std::shared_ptr<world_numbers> numbers;
};

/// A client with a session, or the stateless clients of one door. It asks for
/// everything that the door has, takes back some of it, opens and closes streams.
class client {
public:
  client(client_surroundings around, hub::era era, std::string server, std::vector<std::string> servers);

  /// Its way in: the session that it was given.
  void enter(std::string id, session_actor session);

  /// Forgets its session; the hub may or may not have ended it.
  void leave();

  bool entered() const noexcept {
    return static_cast<bool>(session_);
  }

  /// Whether its session has ended.
  bool gone() const noexcept {
    return session_gone_ && *session_gone_;
  }

  const std::string& session_id() const noexcept {
    return id_;
  }

  const hub::door& door() const noexcept {
    return door_;
  }

  const std::shared_ptr<const client_context>& context() const noexcept {
    return context_;
  }

  void send_request();
  void take_something_back();
  void drop_a_connection();
  void open_a_stream();
  void close_a_stream();

  /// Its streams that were opened and not closed.
  size_t streams() const noexcept {
    return streams_.size();
  }

private:
  struct question {
    std::string method;
    std::string params;
    bool marked = false;
  };

  question think_of(const std::string& marker);
  question federated_call(const std::string& marker);
  std::shared_ptr<sent_request> ask(std::string_view method, std::string_view params, bool marked);
  std::shared_ptr<sent_request> pick_open();

  /// Asks the session in the name of a new actor, which notes the answer.
  template <class Question>
  void put(Question question, const std::shared_ptr<sent_request>& request);


  client_surroundings around_;
  hub::door door_;
  std::vector<std::string> servers_;
  std::shared_ptr<const client_context> context_;
  std::string id_;
  session_actor session_;
  std::shared_ptr<bool> session_gone_;
  uint64_t last_id_ = 0;
  std::vector<std::pair<std::string, std::shared_ptr<sent_request>>> open_;
  std::vector<exchange_id> streams_;
};

} // namespace hub::sim
