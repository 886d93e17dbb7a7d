#pragma once

#include <string>
#include <vector>

namespace hub::cli {

/// The arguments object of a call, as JSON text, from what stands on the command
/// line: nothing, one JSON object, or pairs `key=value`. A value that is JSON
/// (`3`, `true`, `null`, `"3"`, `[1,2]`, `{"a":1}`) is taken as such and any
/// other as a string. Throws `command_error` with `exit_code::usage`.
std::string tool_arguments(const std::vector<std::string>& words);

/// Checks that `text` is a JSON object and returns it. Throws `command_error`
/// with `exit_code::usage`.
std::string checked_object(std::string text);

} // namespace hub::cli
