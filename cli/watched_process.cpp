#include "cli/watched_process.hpp"

#include "cli/exit_code.hpp"

#include <cerrno>
#include <cstring>
#include <poll.h>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

namespace hub::cli {

watched_process::watched_process(pid_t pid) : descriptor_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {
  if (descriptor_ < 0 && errno != ESRCH)
    throw command_error{"cannot watch the hub, process " + std::to_string(pid) + ": " + std::strerror(errno)
                        + "; end it with kill"};
}

watched_process::~watched_process() {
  if (descriptor_ >= 0)
    close(descriptor_);
}

bool watched_process::ends_within(std::chrono::milliseconds limit) const {
  if (descriptor_ < 0)
    return true;
  pollfd ended{descriptor_, POLLIN, 0};
  return poll(&ended, 1, static_cast<int>(limit.count())) == 1;
}

} // namespace hub::cli
