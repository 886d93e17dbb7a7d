#pragma once

#include "messages/backend.hpp"
#include "messages/cache.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hub {

/// The reads that are in flight, with those that wait for their answers, and the writes.
/// It knows which answers are older than a write, so that nobody who asks after the write
/// gets one of them.
class read_flights {
public:
  /// A call wants to read: it follows the call that is returned, or leads a flight of its own.
  std::optional<call_id> enter(const cache_key& key, const std::string& server, call_id call);

  /// What a flight comes to.
  struct landing {
    /// Who waits for the answer, in the order in which they came.
    std::vector<call_id> followers;

    /// Whether no write has begun or ended since the flight began, and none was under way.
    bool may_keep = false;
  };

  /// The flight of `leader` is over.
  landing land(call_id leader);

  /// Those who wait for the answer to a call.
  const std::vector<call_id>& followers(call_id leader) const;

  /// A call waits no longer for the answer to `leader`.
  void leave(call_id leader, call_id follower);

  /// A write goes to a server: what was read before counts for nobody who comes later.
  /// Returns whether results of it may be kept, which must be dropped.
  bool begin_write(const std::string& server);

  /// It is over; what was read meanwhile may be of before or after.
  void end_write(const std::string& server);

  /// Results of a server, or of all if the name is empty, count no more.
  void forget(const std::string& server);

  /// A result of a server is kept from now on.
  void keeps(const std::string& server) {
    servers_[server].kept = true;
  }

  /// Whether results of a server may be kept.
  bool has_kept(const std::string& server) const;

  bool empty() const noexcept {
    return flights_.empty();
  }

private:
  struct flight {
    sha256_digest key;
    std::string server;
    uint64_t generation = 0;
    bool clean = false;
    std::vector<call_id> followers;
  };

  struct server_state {
    /// Moves as a write begins and ends.
    uint64_t generation = 0;
    size_t writes = 0;
    size_t flights = 0;
    bool kept = false;
  };

  using server_map = std::map<std::string, server_state>;

  void tidy(server_map::iterator i);

  std::unordered_map<call_id, flight> flights_;

  /// The last flight for each key.
  std::unordered_map<sha256_digest, call_id, digest_hash> by_key_;
  server_map servers_;
};

} // namespace hub
