#pragma once

#include "actors/catalog/snapshot.hpp"
#include "actors/learning/habit_table.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

/// Which tools one client sees by themselves at the federated door. It is made once and stays: only tools that
/// are gone are replaced.
class tool_choice {
public:
  /// @param count How many there are to be; as many as there are if that is less.
  /// @param habits What was learnt; may be null.
  /// @param project The kind of the client's project; empty if it is unknown.
  /// @return In the order of the catalogue.
  std::vector<tool_ref> of(const catalog_snapshot& snapshot, size_t count, const habit_table* habits,
                           std::string_view project, std::string_view client);

private:
  /// Configured names of servers, and of their tools.
  std::vector<std::pair<std::string, std::string>> names_;
};

/// The choices of those who share a session.
class tool_choices {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The most that are remembered, and how long one of a stateless client holds, which has no session that could end.
  static constexpr size_t most = 64;
  static constexpr std::chrono::hours stateless_limit{12};

  /// The choice of a user.
  /// @param user 0 for that of a session of its own.
  tool_choice& of(uint64_t user, time_point now);

private:
  struct entry {
    tool_choice choice;
    time_point made;
  };

  std::map<uint64_t, entry> entries_;
};

} // namespace hub
