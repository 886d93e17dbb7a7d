#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hub {

using sha256_digest = std::array<unsigned char, 32>;

/// SHA-256 (FIPS 180-4) of a text, by OpenSSL's low-level functions: the current
/// interface loads OpenSSL's providers, 3 MB and a millisecond of each start.
sha256_digest sha256_of(std::string_view text) noexcept;

/// The same as 64 small hex digits.
std::string sha256_hex(std::string_view text);

std::string to_hex(const sha256_digest& x);

/// Reads 64 hex digits; false if `text` is something else.
bool from_hex(std::string_view text, sha256_digest& x) noexcept;

/// Compares in a time that does not depend on where they differ.
bool same_digest(const sha256_digest& a, const sha256_digest& b) noexcept;

} // namespace hub
