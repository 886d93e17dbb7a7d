#pragma once

#include "service/daemon/options.hpp"

#include <string>

namespace hub {

/// Puts the program that lies where this one was started in the place of this process,
/// with these options: a restart that keeps the process's number, environment, terminal
/// and service manager, and takes a newer program. Returns only if that fails, with why.
std::string execute_again(const daemon_options& options);

} // namespace hub
