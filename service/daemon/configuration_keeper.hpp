#pragma once

#include "actors/catalog/catalog.hpp"
#include "actors/plugin/plugin_host.hpp"
#include "actors/supervisor/supervisor.hpp"
#include "messages/audit.hpp"
#include "messages/configuration.hpp"
#include "messages/policy.hpp"
#include "messages/savings.hpp"
#include "server/tls_door.hpp"
#include "service/config/hub_config.hpp"
#include "service/config/placeholders.hpp"
#include "service/daemon/backends.hpp"
#include "service/daemon/server_directory.hpp"
#include "service/daemon/service_notifier.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <memory>

namespace hub {

/// Who has to know of a changed configuration, and where it comes from.
struct keeper_settings {
  std::filesystem::path file;

  /// Wins over the file.
  variable_map environment;

  /// What is in force at the start.
  hub_config config;

  backend_folders folders;

  std::shared_ptr<server_directory> directory;
  wired_supervisor_actor supervisor;
  wired_catalog_actor catalog;

  /// Who has sessions that rules hold for.
  permission_reader sessions;
  audit_actor audit;
  plugin_host_actor plugins;

  /// What the doors look at.
  std::shared_ptr<std::atomic<bool>> token_required;
  std::shared_ptr<permission_cell> permissions;

  /// What the call path looks at.
  std::shared_ptr<budget_cell> budgets;
  std::shared_ptr<savings_counter> saved;

  /// Null if the hub speaks no TLS.
  std::shared_ptr<tls_cell> tls;

  /// Hears of each reading; may be null.
  std::shared_ptr<const service_notifier> notifier = nullptr;

  /// Whether the file is looked at from time to time.
  bool watch = true;
};

/// Tells whether a file has been written since it was last looked at.
class file_stamp {
public:
  file_stamp() = default;

  explicit file_stamp(const std::filesystem::path& file);

  bool operator==(const file_stamp& other) const noexcept;

private:
  struct stat facts_{};
};

/// Keeps the configuration in force. It reads the file when it is told to and, looking
/// at it each second, when that has changed; hands what is new to the supervisor and the
/// catalog, and changes nothing when anything in the file is wrong. It owns nothing
/// else; if it dies, the hub goes on with the configuration it has.
struct configuration_keeper_state {
  configuration_keeper_state() = default;

  keeper_settings settings;

  /// As it was read.
  file_stamp read;

  /// As it was looked at last. One that is being written is left alone.
  file_stamp seen;

  /// The certificate of the port as it was looked at last; nothing without TLS.
  file_stamp certificate;
  bool certificate_is_new = false;

  static constexpr const char* name = "configuration";
};

configuration_actor::behavior_type
configuration_keeper(configuration_actor::stateful_pointer<configuration_keeper_state> self, keeper_settings settings);

} // namespace hub
