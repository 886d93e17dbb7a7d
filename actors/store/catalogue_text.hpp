#pragma once

#include "messages/catalogue.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// A catalogue as one JSON object, for the disk.
std::string write_catalogue(const server_catalogue& x);

/// Reads what `write_catalogue` wrote; nothing if it is something else. The
/// lists share `text`.
std::optional<server_catalogue> read_catalogue(const json_text& text);

} // namespace hub
