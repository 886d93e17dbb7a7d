#pragma once

#include "actors/catalog/snapshot.hpp"
#include "actors/pinning/tool_review.hpp"
#include "actors/supervisor/supervisor.hpp"
#include "service/config/hub_config.hpp"
#include "service/daemon/backends.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace hub {

/// What servers offered when they were last asked, by their names.
using catalogue_map = std::map<std::string, catalogue_ptr>;

/// The servers of a configuration as the actors want to know them, each list in its order.
struct configured_servers {
  std::vector<known_server> known;
  std::vector<server_entry_facts> facts;

  /// Of `known`, with the groups of the configuration.
  std::shared_ptr<const catalog_snapshot> snapshot;
};

/// @param kept Counts for a server only if its fingerprint is the present one.
/// @param pins What was pinned of their tools in runs before.
configured_servers configure(const hub_config& config, const catalogue_map& kept, const pin_book& pins,
                             const backend_folders& folders);

/// The names of the servers that are processes on this machine.
std::set<std::string> programs_of(const hub_config& config);

} // namespace hub
