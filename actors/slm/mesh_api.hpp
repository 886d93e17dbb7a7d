#pragma once

#include "actors/slm/slm_api.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The mesh of the memory daemon (`/mesh/*`): agents that see each other, their messages, and
// advisory locks.
namespace hub {

/// The most characters of a message.
inline constexpr size_t mesh_message_max = 4096;

/// What a hub tells of itself.
struct mesh_self {
  /// Stays the same over restarts of the hub, so that it stays the same peer.
  std::string session;
  std::string summary;
  uint16_t port = 0;
};

slm_request register_mesh_peer(const mesh_self& x);

/// The id of the peer, or empty.
std::string read_mesh_registration(std::string_view body);

slm_request deregister_mesh_peer(const std::string& peer);
slm_request beat_mesh_heart(const std::string& peer);
slm_request tell_mesh_summary(const std::string& peer, std::string_view summary);

/// An agent as the mesh knows it. Text of strangers.
struct mesh_peer {
  std::string id;
  std::string session;
  std::string summary;

  /// `active`, `stale` and so on.
  std::string status;
  std::string agent;
  std::string project;

  /// As the daemon writes it, in UTC.
  std::string last_heartbeat;
};

slm_request ask_mesh_peers();
std::vector<mesh_peer> read_mesh_peers(std::string_view body, size_t limit);

/// A message for this hub. Text of strangers.
struct mesh_message {
  int64_t id = 0;
  std::string from;

  /// `peer`, `broadcast` or `project`.
  std::string target;
  std::string project;
  std::string text;
  std::string created_at;
};

slm_request ask_mesh_inbox(const std::string& peer);

/// The unread ones, oldest first.
std::vector<mesh_message> read_mesh_inbox(std::string_view body, size_t limit);

slm_request mark_mesh_read(const std::string& peer, const std::vector<int64_t>& ids);

/// @param to A peer, `broadcast`, or `project:` and a folder.
slm_request send_mesh_message(const std::string& from, std::string_view to, std::string_view text);

/// What the daemon says of a lock.
struct mesh_lock_state {
  /// Whether an acquire was granted, as it says.
  bool acquired = false;

  bool locked = false;

  /// Who holds it, if it is locked.
  std::string by;

  /// 0 before 4.0, and where it is not told.
  int64_t fencing_token = 0;
};

enum class mesh_lock_action : uint8_t { acquire, release, query };

slm_request ask_mesh_lock(mesh_lock_action action, std::string_view name, const std::string& owner);
mesh_lock_state read_mesh_lock(std::string_view body);

/// Whether a later query confirms a grant: the daemon grants one lock twice if two ask at the
/// same time, and only the last one written holds it.
bool confirms(const mesh_lock_state& grant, const mesh_lock_state& query, std::string_view owner) noexcept;

} // namespace hub
