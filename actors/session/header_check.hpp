#pragma once

#include "actors/catalog/snapshot.hpp"
#include "actors/session/route.hpp"

#include <optional>
#include <string>

namespace hub {

/// Compares the `Mcp-Param-*` headers of a call with the arguments that the tool's
/// schema wants repeated there (MCP 2026-07-28, "Custom Headers from Tool
/// Parameters"). Returns what is wrong and how to repair it, or nothing. Headers that
/// the schema does not name are no concern of ours.
std::optional<std::string> find_header_mismatch(const catalog_snapshot& snapshot,
                                                const forward& call,
                                                const client_request& request);

} // namespace hub
