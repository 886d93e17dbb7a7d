#pragma once

#include "actors/secret/secret_fetcher.hpp"
#include "actors/supervisor/supervisor.hpp"
#include "messages/catalogue.hpp"
#include "messages/watch.hpp"
#include "service/config/hub_config.hpp"
#include "service/daemon/authorization.hpp"
#include "service/config/placeholders.hpp"

#include <filesystem>
#include <string>

namespace hub {

/// Where what belongs to servers is kept in the configuration folder.
struct backend_folders {
  std::filesystem::path config;

  /// The notes of children that run.
  std::string records() const;
};

/// Makes the backends of this process: placeholders are resolved when a server
/// starts, from the environment and the secrets files as they are then.
backend_factory make_backend_factory(const hub_config& config, backend_folders folders, variable_map environment,
                                     hub_authorization authorization, catalog_actor catalog,
                                     watch_actor watches, secret_fetcher_settings secrets);

} // namespace hub
