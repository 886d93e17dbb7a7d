#include "cli/commands.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unistd.h>

namespace hub::cli {

std::vector<std::string> daemon_command(const command_context& context, const start_options& options) {
  auto self = std::filesystem::read_symlink("/proc/self/exe");
  std::vector<std::string> result = {(self.parent_path() / "slm-hubd").string(), "--config-dir", context.folder().string()};
  if (!options.host.empty())
    result.insert(result.end(), {"--host", options.host});
  if (options.port)
    result.insert(result.end(), {"--port", std::to_string(*options.port)});
  if (!options.log_level.empty())
    result.insert(result.end(), {"--log-level", options.log_level});
  return result;
}

exit_code start(const command_context& context, const start_options& options) {
  auto words = daemon_command(context, options);
  std::vector<char*> arguments;
  for (auto& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  throw command_error{"cannot start " + words[0] + ": " + std::strerror(errno)
                      + "; build it with scripts/run, or install both programs into one folder"};
}

} // namespace hub::cli
