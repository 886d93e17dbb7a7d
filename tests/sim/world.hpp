#pragma once

#include "actors/session/session_registry.hpp"
#include "messages/call.hpp"
#include "messages/catalogue.hpp"
#include "messages/supervisor.hpp"
#include "tests/sim/client.hpp"
#include "tests/sim/dice.hpp"
#include "tests/sim/flaky_server.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/support/stage.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hub::sim {

/// A server of the world.
struct world_server {
  std::string name;
  temper character;

  /// Its tools are known before the hub starts.
  bool known = false;
  bool enabled = true;
  bool always_on = false;

  /// Its own time limit; zero is the hub's.
  std::chrono::milliseconds time_limit{0};
};

/// A whole hub on a stage: the real supervisor, backends, call path, catalog,
/// registry and sessions, with children and clients that a seed makes. Which
/// actor runs next is thrown with dice, too.
class world : public test::stage {
public:
  explicit world(uint64_t seed);
  ~world();

  /// Does this many things that clients, servers, users or bad luck may do.
  void storm(size_t deeds);

  /// Lets this much time pass, a second at a time, until nothing is under way.
  void calm(std::chrono::seconds time);

  /// Stops the hub as the daemon does: drain, shut down, end the actors.
  void stop();

  /// Everything that happened.
  std::shared_ptr<ledger> book = std::make_shared<ledger>();

  /// Sessions that were not ended yet, and those of stateless clients.
  size_t sessions_alive() const;

  std::vector<world_server> servers;
  std::vector<std::shared_ptr<client>> clients;

  supervisor_actor supervisor;
  call_actor calls;
  catalog_actor catalog;
  store_actor store;
  wired_registry_actor registry;
  gate_actor gate;

  /// How many actors live as long as the hub does, those of the stage included.
  size_t lasting_actors() const noexcept {
    return actors_before_ + 6;
  }

private:
  void make_servers();
  void start_hub();
  void run_some(uint64_t turns);
  void do_something();
  void admit_client();
  void act_as_client();
  void kill_a_backend();

  size_t actors_before_;
  std::shared_ptr<dice> dice_;
  std::shared_ptr<world_numbers> numbers_ = std::make_shared<world_numbers>();
};

} // namespace hub::sim
