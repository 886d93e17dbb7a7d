#include "service/daemon/known_variables.hpp"

#include "service/config/secrets.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace hub {

variables known_variables(const variable_map& environment, const std::filesystem::path& config_folder) {
  variables result;
  result.environment = environment;
  result.home = home_folder(environment);
  auto read = read_secrets(secrets_files(result.home, config_folder));
  for (auto& warning : read.warnings)
    spdlog::warn("{}", to_string(warning));
  result.secrets = std::move(read.values);
  return result;
}

} // namespace hub
