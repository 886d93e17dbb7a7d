#pragma once

#include "service/config/config_error.hpp"
#include "service/config/environment.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// What a file of `NAME=value` lines says.
struct env_assignments {
  variable_map values;

  /// One for each line that is no assignment. They show no text of the file.
  std::vector<config_error> warnings;
};

/// Reads `NAME=value` lines. White space around name and value is dropped, as
/// are `export `, lines that start with `#`, and ` #` with what follows it
/// unless the value is quoted. A value in matching quotes loses them; what is
/// between them stays as it is. The last of two lines for one name counts.
/// `file` is for messages.
env_assignments read_env_lines(std::string_view text, const std::string& file);

/// Whether `name` can name a variable: letters, digits and `_`, no digit first.
bool is_variable_name(std::string_view name) noexcept;

} // namespace hub
