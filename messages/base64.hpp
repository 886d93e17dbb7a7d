#pragma once

#include <string>
#include <string_view>

namespace hub {

/// Base64 with `+`, `/` and padding (RFC 4648, section 4), as HTTP Basic wants it.
std::string base64(std::string_view bytes);

/// Base64 with `-`, `_` and no padding (RFC 4648, section 5), as OAuth and JWTs
/// want it.
std::string base64url(std::string_view bytes);

} // namespace hub
