#pragma once

#include <filesystem>
#include <string>

namespace hub {

/// Keeps a second hub out of a configuration folder, by a lock that the kernel
/// takes back when this process ends in any way. What the lock file says is for
/// people; only the lock counts.
class single_instance {
public:
  /// Takes the lock. If another process has it, `holder()` tells which.
  explicit single_instance(const std::filesystem::path& folder);

  single_instance(const single_instance&) = delete;
  single_instance& operator=(const single_instance&) = delete;

  ~single_instance();

  /// True if this process has the lock.
  bool held() const noexcept {
    return held_;
  }

  /// What the process that has the lock said of itself.
  const std::string& holder() const noexcept {
    return holder_;
  }

  /// Why the lock cannot be taken, whoever has it; empty if it can.
  const std::string& failure() const noexcept {
    return failure_;
  }

  /// Writes down who this is, for whoever comes second.
  void describe(const std::string& text);

private:
  int file_ = -1;
  bool held_ = false;
  std::string holder_;
  std::string failure_;
};

} // namespace hub
