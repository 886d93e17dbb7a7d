#pragma once

#include "cli/command_context.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace hub::cli {

/// Makes the folder of the configuration, for its user alone, if it is not there.
void make_folder(const std::filesystem::path& folder);

/// Starts a program in a session of its own, so that it outlives this process and its
/// terminal, with nothing to read. What it prints goes to the file `output`, which is made
/// anew. Returns its process; throws `command_error` if it cannot be started.
pid_t start_in_background(const std::vector<std::string>& words, const std::filesystem::path& output);

/// What a program printed into `output`: the first 4 KiB of it, without the line end.
std::string said_in(const std::filesystem::path& output);

/// Waits until the hub of this folder answers as the process `pid` and, if `not_run` is not
/// empty, as another run than that. Returns what `/api/health` said; empty if the process
/// ends before. Throws `command_error` after `limit`.
std::string await_hub(const command_context& context, pid_t pid, const std::string& not_run,
                      std::chrono::seconds limit);

} // namespace hub::cli
