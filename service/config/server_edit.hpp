#pragma once

#include "service/config/config_error.hpp"

#include <string>

namespace hub {

/// Takes a server out of the list in the text of a configuration. All the rest, comments
/// included, stays byte for byte. A name that is not there is an error. `file` is for
/// messages.
config_result<std::string> remove_server(const std::string& text, const std::string& file, const std::string& name);

/// Switches a server on or off in its entry, in the words that are there already.
config_result<std::string> switch_server(const std::string& text, const std::string& file, const std::string& name,
                                         bool on);

} // namespace hub
