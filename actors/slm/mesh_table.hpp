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

/// How often servers were used since it was last told.
class use_digest {
public:
  using time = std::chrono::steady_clock::time_point;

  void used(const std::string& server, bool failed);

  /// Whether there is something to tell, and it is time to.
  bool is_due(time now) const noexcept {
    return !uses_.empty() && now >= due_;
  }

  /// Tells it, the most used first: `github 12 (1 failed), fs 3`. Nothing more is due for `pause`.
  std::string take(time now, std::chrono::seconds pause);

  /// Nothing is due before.
  void wait_until(time due) {
    due_ = due;
  }

private:
  static constexpr size_t servers_max = 100;

  struct use {
    uint64_t calls = 0;
    uint64_t failed = 0;
  };

  std::map<std::string, use> uses_;
  time due_{};
};

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

  /// The least time between two digests of use in the summary of this hub.
  static constexpr std::chrono::seconds between_digests{60};

  /// The least time between two digests of use in messages to all, unless the user says another.
  static constexpr std::chrono::seconds between_shared_digests{600};

  /// @param between_shared The least time between two digests of use that go to all; zero for none.
  explicit mesh_table(std::chrono::seconds between_shared = between_shared_digests) : between_shared_(between_shared) {
    // nop
  }

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

  /// The next message to all, if it is time for one. Use is told in it if that is due and somebody
  /// is there to hear it.
  std::optional<std::string> broadcast(time now);

  /// What was used since the last digest for the summary, if it is time for one.
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

  std::string self_;
  bool was_registered_ = false;
  time beat_at_{};
  std::vector<std::string> announcements_;
  uint64_t left_out_ = 0;
  time broadcast_at_{};
  use_digest summarized_;
  use_digest shared_;
  std::chrono::seconds between_shared_;
  std::vector<mesh_peer> peers_;
  std::deque<mesh_message> messages_;
};

} // namespace hub
