#pragma once

#include "actors/auth/grants.hpp"
#include "actors/auth/web.hpp"
#include "actors/catalog/catalog.hpp"
#include "actors/ledger/ledger.hpp"
#include "actors/plugin/plugin_host.hpp"
#include "actors/learning/learner.hpp"
#include "actors/session/session_registry.hpp"
#include "actors/store/store.hpp"
#include "messages/audit.hpp"
#include "messages/memory.hpp"
#include "messages/budget.hpp"
#include "messages/call.hpp"
#include "messages/catalogue.hpp"
#include "messages/savings.hpp"
#include "messages/lock.hpp"
#include "messages/meaning.hpp"
#include "messages/report.hpp"
#include "messages/slm.hpp"
#include "messages/watch.hpp"
#include "messages/supervisor.hpp"
#include "service/config/hub_config.hpp"
#include "service/daemon/access.hpp"
#include "service/daemon/backends.hpp"
#include "service/daemon/server_directory.hpp"

#include <caf/actor_system.hpp>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace hub {

class database;

/// The actors of a hub, wired. Whoever holds this keeps them alive.
struct hub_actors {
  wired_store_actor store;
  wired_catalog_actor catalog;
  watch_actor watches;

  /// Set as the hub begins to end: no program is waited for that was run for a secret.
  std::shared_ptr<std::atomic<bool>> ending = std::make_shared<std::atomic<bool>>(false);

  wired_supervisor_actor supervisor;
  call_actor calls;
  wired_ledger_actor ledger;

  /// The budgets that count.
  std::shared_ptr<budget_cell> budgets;

  /// What clients are spared.
  std::shared_ptr<savings_counter> saved;
  std::vector<cache_shard_actor> cache;
  grants_actor grants;
  access_actor access;
  call_observers observers;
  audit_actor audit;
  report_actors reports;
  plugin_host_actor plugins;

  /// The way to the plugins.
  plugin_port_ptr plugin_port;

  /// The way to a collector of traces; null without one.
  web_actor collector{};

  learner_actor learner;

  /// The way to the memory daemon, and to the plugins that use it.
  slm_daemon_actor memory;
  memory_desk_actor memory_desk;

  /// Null if the configuration names no endpoint for it.
  meaning_actor embedder{};
  web_actor embeddings{};

  /// Null if the configuration wants no locks.
  lock_actor locks{};

  wired_registry_actor sessions;

  /// For who looks up one server by name.
  std::shared_ptr<server_directory> directory;
};

/// What is kept on disk between runs: opened at the start, null if that fails,
/// which is logged and costs nothing but the memory of the next start.
std::shared_ptr<database> open_database(const std::filesystem::path& folder, store_trouble& trouble);

/// Starts the actors.
hub_actors spawn_hub(caf::actor_system& system, const hub_config& config,
                     const backend_folders& folders, const variable_map& environment,
                     std::shared_ptr<database> disk, const hub_access& access);

/// Ends the actors that are left when no server runs any more.
void end_hub(hub_actors& x);

} // namespace hub
