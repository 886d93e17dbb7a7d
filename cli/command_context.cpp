#include "cli/command_context.hpp"

#include "cli/exit_code.hpp"
#include "service/config/config_file.hpp"

#include <ostream>

namespace hub::cli {

std::filesystem::path command_context::folder() const {
  auto result = config_folder(environment);
  if (!result)
    fail(result.errors());
  return *result;
}

std::filesystem::path command_context::config_file() const {
  return config_file_in(folder());
}

hub_client command_context::hub() const {
  return hub_client{folder() / "hub.sock"};
}

void fail(const std::vector<config_error>& errors) {
  throw command_error{to_string(errors)};
}

void warn(console& io, const std::vector<config_error>& warnings) {
  for (auto& warning : warnings)
    io.err << "warning: " << to_string(warning) << '\n';
}

} // namespace hub::cli
