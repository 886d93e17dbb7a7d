#pragma once

#include "service/daemon/options.hpp"

namespace hub {

/// Runs the hub in the foreground until it is told to end by SIGTERM, SIGINT or
/// `slm-hub stop`: new calls are refused, calls in flight get some seconds, the
/// servers are ended. A second signal hurries.
/// @return The exit code: 0 after an orderly end, 1 if it could not start.
int run_daemon(const daemon_options& options);

/// Reads what a start reads - configuration, tokens, the certificate of the port - and prints what
/// is wrong with it on standard error; no hub is started and none that runs is disturbed.
/// @return The exit code: 0 if it could start by these.
int check_daemon(const daemon_options& options);

} // namespace hub
