#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// `text` as a part of a URI: all but unreserved characters are escaped (RFC 3986, section 2.1).
std::string percent_encode(std::string_view text);

/// The inverse; nothing if an escape is broken.
std::optional<std::string> percent_decode(std::string_view text);

} // namespace hub
