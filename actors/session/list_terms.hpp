#pragma once

#include "actors/catalog/snapshot.hpp"
#include "messages/answer.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// How long a client may keep a list (`ttlMs`), and whether for anybody (`cacheScope`), as 2026-07-28 has it.
struct list_terms {
  std::chrono::milliseconds ttl{0};
  bool is_public = false;
};

/// How long the hub's own part of a list is taken to hold: its meta-tools, and which servers there are.
inline constexpr std::chrono::milliseconds own_list_ttl{60'000};

/// What a method lists; nothing if it lists nothing of servers.
std::optional<list_kind> list_kind_of(std::string_view method) noexcept;

/// A list of one server: what is left of the time that it gave, zero if it gave none.
list_terms terms_of(const known_server& server, list_kind list, std::chrono::steady_clock::time_point now);

/// A list of all servers of a snapshot that have such a list: the shortest time, and public only if all are. A server that was
/// never asked may tell its list at any moment, so that nothing holds.
list_terms terms_of_all(const catalog_snapshot& snapshot, list_kind list, std::chrono::steady_clock::time_point now);

/// The servers of a snapshot whose list holds no longer, though they said for how long.
/// @param only The one that is asked for; empty for all.
std::vector<std::string> find_due(const catalog_snapshot& snapshot, std::string_view only, list_kind list,
                                  std::chrono::steady_clock::time_point now);

/// The result of a list in the form of the stateless era.
rpc_answer with_terms(rpc_answer list, const list_terms& terms);

} // namespace hub
