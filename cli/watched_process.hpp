#pragma once

#include <chrono>

#include <sys/types.h>

namespace hub::cli {

/// A process that is waited for. It is held by a descriptor, so that another one
/// with the same number is never taken for it.
class watched_process {
public:
  /// Throws `command_error` if the process cannot be watched; one that is gone has ended.
  explicit watched_process(pid_t pid);

  ~watched_process();

  watched_process(const watched_process&) = delete;
  watched_process& operator=(const watched_process&) = delete;

  /// Whether it ends within the limit.
  bool ends_within(std::chrono::milliseconds limit) const;

private:
  int descriptor_;
};

} // namespace hub::cli
