#pragma once

#include "messages/transport.hpp"
#include "tests/sim/flaky_server.hpp"
#include "tests/sim/ledger.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <string>

namespace hub::sim {

/// Starts a child of the world: a transport behind which a flaky server runs.
/// The ledger knows it from here until its actor is gone, however it goes.
transport_actor spawn_fake_child(caf::actor_system& system, const transport_owner& owner, std::string server,
                                 temper character, std::shared_ptr<dice> luck, std::shared_ptr<ledger> book);

} // namespace hub::sim
