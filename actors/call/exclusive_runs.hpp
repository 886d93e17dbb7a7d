#pragma once

#include "messages/backend.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hub {

/// Bounds of the runs of servers that carry one call at a time.
struct exclusive_limits {
  /// How many of them one server may have.
  size_t runs = 4;

  /// How many calls may wait for those of one server.
  size_t waiting = 256;

  /// How long one is kept that nobody uses.
  std::chrono::seconds idle{60};
};

/// The runs of servers that carry one call at a time, so that whatever the server
/// asks belongs to that call: which there are, which are free, and who waits.
class exclusive_runs {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit exclusive_runs(exclusive_limits limits = {}) : limits_(limits) {
    // nop
  }

  /// A run for one call: a free one, or a new number. Nothing if all are taken.
  std::optional<uint64_t> take(const std::string& server);

  /// The call is over.
  void give_back(const std::string& server, uint64_t run, time_point now);

  /// The server may still be at work for a call that is over: no other gets the run.
  void discard(const std::string& server, uint64_t run);

  /// Lets a call wait for a run; false if too many do.
  bool wait(const std::string& server, call_id call);

  /// The call that is first in line.
  std::optional<call_id> first_waiting(const std::string& server) const;

  /// A call leaves the line, if it stands there.
  void stop_waiting(const std::string& server, call_id call);

  /// The servers for whose runs calls wait.
  std::vector<std::string> awaited() const;

  /// Takes out what was free for too long: servers and runs.
  std::vector<std::pair<std::string, uint64_t>> take_idle(time_point now);

  bool empty() const noexcept {
    return servers_.empty();
  }

private:
  struct server_runs {
    /// The runs, and since when each is free; nothing while it is taken.
    std::map<uint64_t, std::optional<time_point>> runs;

    std::deque<call_id> line;
  };

  void forget_if_empty(const std::string& server);

  exclusive_limits limits_;
  uint64_t last_ = 0;
  std::map<std::string, server_runs> servers_;
};

} // namespace hub
