#pragma once

#include "messages/server_config.hpp"
#include "service/config/environment.hpp"

#include <optional>
#include <string>
#include <vector>

namespace hub {

/// The path of `bwrap` by the PATH of `environment`; nothing if bubblewrap is not installed.
std::optional<std::string> find_bubblewrap(const variable_map& environment);

/// Has `launch` run by bubblewrap within the bounds of `sandbox`:
/// - `read-only`: the file system cannot be written, but for a `/tmp` of its own;
/// - `no-network`: no network, not even loopback; the file system is as it is;
/// - `strict`: both, with a home and a `/run` that are empty.
/// In each the program sees no other processes, has no terminal, and ends with the hub.
/// @param sandbox Its paths are resolved; they exist and stay writable.
/// @param home The user's home; empty if there is none.
void confine(launch_spec& launch, const sandbox_config& sandbox, const std::string& bubblewrap, const std::string& home);

} // namespace hub
