#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace hub {

/// The versions with `initialize`, oldest first. Versions are a set of names:
/// unknown ones have no order.
inline constexpr std::array<std::string_view, 4> handshake_versions{
  "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};

/// The handshake version for clients that ask for one that we do not know.
inline constexpr std::string_view newest_handshake_version = handshake_versions.back();

/// What a client speaks that names no version (2025-06-18, "Protocol Version Header").
inline constexpr std::string_view assumed_version = "2025-03-26";

/// The one handshake version with batches.
inline constexpr std::string_view batch_version = "2025-03-26";

/// The stateless version.
inline constexpr std::string_view stateless_version = "2026-07-28";

constexpr bool is_handshake_version(std::string_view version) noexcept {
  return std::find(handshake_versions.begin(), handshake_versions.end(), version)
         != handshake_versions.end();
}

} // namespace hub
