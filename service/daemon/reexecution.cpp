#include "service/daemon/reexecution.hpp"

#include "service/daemon/argument_list.hpp"

#include <linux/close_range.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

namespace hub {

std::string execute_again(const daemon_options& options) {
  std::error_code wrong;
  auto program = std::filesystem::read_symlink("/proc/self/exe", wrong).string();
  // What the kernel says of a program that an update has replaced.
  constexpr std::string_view replaced = " (deleted)";
  if (program.ends_with(replaced))
    program.resize(program.size() - replaced.size());
  std::vector<std::string> words = {program, "--config-dir", options.config_dir};
  if (options.host)
    words.insert(words.end(), {"--host", *options.host});
  if (options.port)
    words.insert(words.end(), {"--port", std::to_string(*options.port)});
  if (options.log_level)
    words.insert(words.end(), {"--log-level", *options.log_level});
  if (options.log_format)
    words.insert(words.end(), {"--log-format", *options.log_format});
  if (options.detached)
    words.emplace_back("--detached");
  argument_list arguments{std::move(words)};
  // Whatever is open belongs to what has just ended.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  ::execv(arguments.program(), arguments.data());
  return "cannot execute " + program + ": " + std::strerror(errno);
}

} // namespace hub
