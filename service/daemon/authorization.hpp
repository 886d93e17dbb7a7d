#pragma once

#include "actors/auth/grants.hpp"
#include "actors/transport/authorizer.hpp"
#include "service/config/placeholders.hpp"
#include "service/daemon/server_directory.hpp"

#include <caf/fwd.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace hub {

class shard;

/// The grants of the hub, and what its transports need of them.
struct hub_authorization {
  grants_actor grants;

  std::shared_ptr<const server_directory> servers;

  /// For the transport of a server on `home`; null if the server needs none.
  std::unique_ptr<authorizer> authorizer_of(caf::actor_system& system, shard& home, const std::string& server) const;
};

/// Starts the holder of grants for the servers of the hub. Tokens are kept in
/// `folder/tokens`.
hub_authorization make_authorization(caf::actor_system& system, std::shared_ptr<const server_directory> servers,
                                     const std::filesystem::path& folder, const variable_map& environment);

} // namespace hub
