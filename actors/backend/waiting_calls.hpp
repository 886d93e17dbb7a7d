#pragma once

#include "messages/backend.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace hub {

/// Calls that wait for a server which carries as many as it may. Each client has a line
/// of its own, and the lines take turns, so that one client with a thousand calls keeps
/// nobody else waiting for more than one of them.
class waiting_calls {
public:
  /// The most that wait.
  static constexpr size_t limit = 1024;

  bool full() const noexcept {
    return size_ >= limit;
  }

  bool empty() const noexcept {
    return size_ == 0;
  }

  size_t size() const noexcept {
    return size_;
  }

  void add(backend_request x);

  /// The call whose turn it is; nothing if none waits.
  std::optional<backend_request> next();

  /// Takes a call out; false if it does not wait.
  bool remove(call_id call);

  /// Takes all out.
  std::vector<call_id> clear();

private:
  struct line {
    const client_context* client;
    std::deque<backend_request> calls;
  };

  /// Those with calls in them, in the order of their turns.
  std::deque<line> lines_;
  size_t size_ = 0;
};

} // namespace hub
