#pragma once

#include "actors/auth/bearer_cell.hpp"
#include "actors/auth/grants.hpp"
#include "actors/transport/authorizer.hpp"
#include "service/config/hub_config.hpp"
#include "service/config/placeholders.hpp"

#include <caf/fwd.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace hub {

class shard;

/// The grants of the hub, and what its transports need of them.
struct hub_authorization {
  grants_actor grants;

  /// By server: all that are reached over HTTP and bring no `Authorization` of
  /// their own.
  std::map<std::string, std::shared_ptr<bearer_cell>> cells;

  /// For the transport of a server on `home`; null if the server needs none.
  std::unique_ptr<authorizer> authorizer_of(caf::actor_system& system, shard& home, const std::string& server) const;
};

/// Starts the holder of grants for the servers of `config`. Tokens are kept in
/// `folder/tokens`.
hub_authorization make_authorization(caf::actor_system& system, const hub_config& config,
                                     const std::filesystem::path& folder, const variable_map& environment);

} // namespace hub
