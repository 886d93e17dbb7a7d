#pragma once

#include "service/config/config_error.hpp"
#include "service/config/config_value.hpp"

#include <string>
#include <vector>

namespace hub {

/// A server to be written into a configuration.
struct new_server {
  std::string name;

  /// An object, as JSON.
  std::string entry;
};

/// Puts servers at the end of the list in the text of a configuration. All
/// that was there, comments, unknown keys, placeholders and order, stays byte
/// for byte. An empty text counts as `{}`. A name that is there already, an
/// entry that is no object and a text that is no configuration are errors.
/// `file` is for messages.
config_result<std::string> add_servers(const std::string& text, const std::string& file,
                                       const std::vector<new_server>& servers);

} // namespace hub
