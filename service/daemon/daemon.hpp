#pragma once

#include "service/daemon/options.hpp"

namespace hub {

/// Runs the hub in the foreground until it is told to end by SIGTERM, SIGINT or
/// `slm-hub stop`: new calls are refused, calls in flight get some seconds, the
/// servers are ended. A second signal hurries.
/// @return The exit code: 0 after an orderly end, 1 if it could not start.
int run_daemon(const daemon_options& options);

} // namespace hub
