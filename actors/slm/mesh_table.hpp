#pragma once

#include "actors/slm/mesh_api.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// What this hub knows of the mesh, and what it has to say there: its own id, the others, and
/// the messages that have come. It knows no actor and no clock.
class mesh_table {
public:
  using time = std::chrono::steady_clock::time_point;

  static constexpr size_t peers_max = 200;
  static constexpr size_t messages_max = 200;

  /// How often the daemon hears that the hub is there; a peer is stale after five minutes.
  static constexpr std::chrono::seconds heartbeat{60};

  /// The least time between two messages to all. The mesh keeps the last 50 of all agents, so
  /// that a hub which says more takes them from others.
  static constexpr std::chrono::seconds between_broadcasts{15};

  /// The least time between two digests of use.
  static constexpr std::chrono::seconds between_digests{60};

  // -- us ------------------------------------------------------------------------

  /// The id that the daemon gave; empty if it has forgotten this hub.
  const std::string& self() const noexcept {
    return self_;
  }

  void registered(std::string id, time now);

  /// The daemon is gone, or does not know us any more.
  void forgotten();

  /// Whether a heartbeat is due.
  bool beats(time now) const noexcept {
    return !self_.empty() && now >= beat_at_;
  }

  void beaten(time now) {
    beat_at_ = now + heartbeat;
  }

  // -- what is announced -------------------------------------------------------------

  /// Something that all agents are to hear. Announcements that wait become one message, and
  /// one that says what another says already is left out.
  void announce(std::string text);

  /// A tool of a server was used.
  void used(const std::string& server, bool failed);

  /// The next message to all, if it is time for one.
  std::optional<std::string> broadcast(time now);

  /// What was used since the last digest, if it is time for one: `github 12 (1 failed), fs 3`.
  std::optional<std::string> digest(time now);

  // -- the others --------------------------------------------------------------------

  void set_peers(std::vector<mesh_peer> peers);

  /// All but this hub.
  const std::vector<mesh_peer>& peers() const noexcept {
    return peers_;
  }

  /// Takes messages that have come, oldest first. Returns the ids of those that are new.
  std::vector<int64_t> add(std::vector<mesh_message> messages);

  const std::deque<mesh_message>& messages() const noexcept {
    return messages_;
  }

private:
  static constexpr size_t announcements_max = 32;
  static constexpr size_t servers_max = 100;

  struct use {
    uint64_t calls = 0;
    uint64_t failed = 0;
  };

  std::string self_;
  time beat_at_{};
  std::vector<std::string> announcements_;
  uint64_t left_out_ = 0;
  time broadcast_at_{};
  std::map<std::string, use> uses_;
  time digest_at_{};
  std::vector<mesh_peer> peers_;
  std::deque<mesh_message> messages_;
};

} // namespace hub
