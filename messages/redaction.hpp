#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// The values of secrets that this process has resolved, so that no text of the hub's own
/// (log lines, errors, states, the stderr of servers) shows one. It is not for what servers
/// answer. Any thread may use it; nothing waits long, for it is asked off the path of calls.
class redaction {
public:
  /// Shorter values would mask common words.
  static constexpr size_t shortest = 6;

  /// The most values; further ones are not masked.
  static constexpr size_t limit = 1000;

  void add(std::string_view value);

  /// `text` with `***` in place of each value.
  std::string apply(std::string_view text) const;

private:
  mutable std::mutex mutex_;

  /// By first byte, longest first.
  std::array<std::vector<std::string>, 256> values_;
  size_t count_ = 0;
};

/// The one of this process. It is made at its first use and never ends, since logs are
/// written until the very end.
redaction& process_redaction();

} // namespace hub
