#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hub {

/// The tools of all servers by name, to find definitions that speak of those of
/// other servers. Only names that are no common words count: of at least 8 bytes
/// and with `_`, `-`, `.` or a capital inside.
class tool_owners {
public:
  void add(std::string_view tool, std::string_view server);

  /// A server other than `server` that has a tool of this name; empty if there is none.
  std::string_view other_owner(std::string_view tool, std::string_view server) const;

private:
  std::unordered_map<std::string, std::vector<std::string>> servers_;
};

/// Why the definition of a tool looks like an attack on the model that reads it, a
/// sentence each, at most `suspicions_limit`: characters that people do not see,
/// instructions to the model, and places where secrets are kept. It is a search for
/// known patterns: what it finds may be harmless, and what it does not find may not be.
std::vector<std::string> find_suspicions(std::string_view tool);

/// Names of other servers' tools that the texts of a definition of `server` name.
std::vector<std::string> find_shadowing(std::string_view tool, std::string_view server, const tool_owners& owners);

inline constexpr size_t suspicions_limit = 16;

} // namespace hub
