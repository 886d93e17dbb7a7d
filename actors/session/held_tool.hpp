#pragma once

#include "actors/catalog/snapshot.hpp"
#include "actors/session/route.hpp"

#include <optional>

namespace hub {

/// Why a tool is not called that its server has changed and nobody has approved;
/// nothing if it may be called.
/// @param call A `tools/call` with the name that the server knows.
std::optional<rpc_answer> refuse_held(const catalog_snapshot& snapshot, const forward& call);

} // namespace hub
