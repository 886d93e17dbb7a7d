#pragma once

#include "messages/cache.hpp"

#include <optional>
#include <string_view>

namespace hub {

/// The key of a request that only reads: SHA-256 over the subject of its rule and its
/// arguments in canonical form (RFC 8785), and over these with the principal. `_meta` does
/// not count. Nothing for a request that must not share its answer: one with other members
/// (as a task, or a retry with answers), or whose arguments have no canonical form.
/// @param principal The id of whose token the client has shown; empty without one.
std::optional<cache_key> make_cache_key(const cache_rule& rule, std::string_view params, std::string_view principal);

} // namespace hub
