#pragma once

#include "actors/session/route.hpp"
#include "messages/lock.hpp"

#include <string>
#include <string_view>

namespace hub {

/// The entries of `tools/list` for `hub__lock` and `hub__unlock`, with a comma before each.
std::string lock_tool_entries();

/// Reads the arguments of `hub__lock`; what is wrong with them is a tool's result. Who asks
/// is for the session to fill in.
route read_lock(std::string_view arguments);

/// Reads the arguments of `hub__unlock`.
route read_unlock(std::string_view arguments);

/// The result of `hub__lock`, as docs/protocol.md describes it.
rpc_answer lock_result(const std::string& name, const lock_taken& x);

/// The result of `hub__unlock`.
rpc_answer unlock_result(const std::string& name, const lock_released& x);

} // namespace hub
