#pragma once

#include "messages/watch.hpp"

#include <caf/actor_addr.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// Whether `uri` is `whole` or a part of it, as a path.
bool is_part_of(std::string_view uri, std::string_view whole);

/// Who watches which resource. Bounded: `add` says when it is full.
class watch_table {
public:
  /// How many pairs of a session and a resource there may be.
  static constexpr size_t capacity = 20'000;

  enum class outcome {
    first,  ///< Nobody watched it before: the server must be told.
    joined, ///< Somebody does already.
    full
  };

  outcome add(const resource_name& resource, const session_actor& watcher);

  /// Returns true if it was the last one, so that the server must be told.
  bool remove(const resource_name& resource, const caf::actor_addr& watcher);

  /// Forgets a session. Returns the servers that must be told.
  std::set<std::string> remove_all(const caf::actor_addr& watcher);

  /// All that is watched at a server, sorted.
  std::vector<std::string> of_server(const std::string& server) const;

  /// The sessions that a change of `uri` is for: those that watch it, or what it is
  /// a part of (MCP: the URI may be a sub-resource of the one subscribed to).
  std::vector<session_actor> watchers_of(const std::string& server, std::string_view uri) const;

private:
  using watchers = std::map<caf::actor_addr, session_actor>;

  size_t size_ = 0;
  std::map<resource_name, watchers> resources_;
};

} // namespace hub
