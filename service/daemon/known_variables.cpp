#include "service/daemon/known_variables.hpp"

#include "messages/redaction.hpp"
#include "service/config/secrets.hpp"

#include <spdlog/spdlog.h>

#include <string_view>
#include <utility>

namespace hub {

namespace {

/// Whether a variable of the environment holds a secret, by its name. A path is none.
bool is_secret(std::string_view name, std::string_view value) {
  if (value.starts_with('/'))
    return false;
  for (std::string_view word : {"TOKEN", "SECRET", "PASSWORD", "PASSWD", "API_KEY", "APIKEY", "PRIVATE_KEY", "CREDENTIAL"})
    if (name.find(word) != std::string_view::npos)
      return true;
  return false;
}

} // namespace

variables known_variables(const variable_map& environment, const std::filesystem::path& config_folder) {
  variables result;
  result.environment = environment;
  result.home = home_folder(environment);
  auto read = read_secrets(secrets_files(result.home, config_folder));
  for (auto& warning : read.warnings)
    spdlog::warn("{}", to_string(warning));
  result.secrets = std::move(read.values);
  result.withheld = std::move(read.withheld);
  for (auto& [name, value] : result.secrets)
    process_redaction().add(value);
  for (auto& [name, value] : environment)
    if (is_secret(name, value))
      process_redaction().add(value);
  return result;
}

} // namespace hub
