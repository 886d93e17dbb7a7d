#pragma once

#include <cstddef>
#include <deque>
#include <optional>

namespace hub {

/// Who wants a server started.
enum class urgency {
  background, ///< Nobody waits for it: to learn its tools, or because it is always on.
  caller      ///< A call waits.
};

/// Decides who starts next: at most `limit` servers start at a time, callers go
/// before the background, and each in the order in which they came. While more
/// than one may start, one place is kept free for callers. A server is in it at
/// most once, so it holds no more than there are servers.
class start_queue {
public:
  /// @param limit At least 1.
  explicit start_queue(size_t limit);

  /// Puts a server at the end; one that waits in the background moves to the
  /// callers when a call needs it.
  void add(size_t server, urgency why);

  /// Takes a server out that is no longer wanted.
  void remove(size_t server);

  /// The server whose turn it is; it counts as starting until `finished`.
  std::optional<size_t> next();

  /// A server has started, or failed to.
  void finished(size_t server);

  /// How many are starting.
  size_t starting() const noexcept {
    return starting_.size();
  }

  /// How many wait.
  size_t waiting() const noexcept {
    return callers_.size() + background_.size();
  }

private:
  struct place {
    size_t server;
    urgency why;
  };

  size_t limit_;
  std::deque<size_t> callers_;
  std::deque<size_t> background_;
  std::deque<place> starting_;
};

} // namespace hub
