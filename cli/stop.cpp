#include "cli/commands.hpp"
#include "cli/json_fields.hpp"

#include <cerrno>
#include <cstring>
#include <ostream>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hub::cli {

namespace {

/// Longer than the hub takes at most: 5 s for calls in flight and some more for
/// its servers to end.
constexpr int stop_limit_ms = 15'000;

/// A process that is waited for. It is held by a descriptor, so that another one
/// with the same number is never taken for it.
class watched_process {
public:
  explicit watched_process(pid_t pid) : descriptor_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {
    if (descriptor_ < 0 && errno != ESRCH)
      throw command_error{"cannot watch the hub, process " + std::to_string(pid) + ": " + std::strerror(errno)
                          + "; end it with kill"};
  }

  ~watched_process() {
    if (descriptor_ >= 0)
      close(descriptor_);
  }

  watched_process(const watched_process&) = delete;
  watched_process& operator=(const watched_process&) = delete;

  /// Whether it ends within the limit.
  bool ends_within(int milliseconds) const {
    if (descriptor_ < 0)
      return true;
    pollfd ended{descriptor_, POLLIN, 0};
    return poll(&ended, 1, milliseconds) == 1;
  }

private:
  int descriptor_;
};

} // namespace

exit_code stop(const command_context& context) {
  auto hub = context.hub();
  auto pid = static_cast<pid_t>(integer_field(hub.ask("GET", "/api/health"), "pid"));
  if (pid <= 0)
    throw command_error{"the hub does not say which process it is; end it with kill"};
  watched_process process{pid};
  hub.ask("POST", "/api/stop");
  if (!process.ends_within(stop_limit_ms))
    throw command_error{"the hub (process " + std::to_string(pid) + ") is still stopping after 15 s; look at it with "
                        "slm-hub status, or end it with: kill -9 " + std::to_string(pid)};
  context.io.out << "slm-hub (process " << pid << ") has stopped\n";
  return exit_code::ok;
}

} // namespace hub::cli
