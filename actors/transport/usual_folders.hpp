#pragma once

#include <string>
#include <vector>

namespace hub {

/// Folders that people have their programs in and that a PATH from a service manager or a
/// desktop does not name: those of version managers of Node, Python and Rust (for nvm, its
/// default version or else its newest one), Homebrew, `~/.local/bin`. Only such that exist.
/// @param home The home of the user; empty for none.
std::vector<std::string> usual_program_folders(const std::string& home);

} // namespace hub
