#pragma once

#include "cli/command_context.hpp"
#include "cli/exit_code.hpp"

#include <string>
#include <vector>

namespace hub::cli {

/// Runs the command that `words`, the command line without the program's name,
/// asks for. What goes wrong is said on `err` of the console.
exit_code run(const std::vector<std::string>& words, console& io, variable_map environment);

} // namespace hub::cli
