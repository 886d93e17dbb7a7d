#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hub {

/// Which release of the memory daemon answers. What differs between releases is asked here
/// and nowhere else.
struct slm_release {
  uint32_t major = 0;
  uint32_t minor = 0;
  uint32_t patch = 0;

  auto operator<=>(const slm_release&) const = default;

  /// Whether `/mesh/*` wants a key, from loopback too.
  bool mesh_wants_key() const noexcept {
    return *this >= slm_release{3, 7, 0};
  }

  /// Whether it knows `/session/close`.
  bool has_session_routes() const noexcept {
    return *this >= slm_release{3, 6, 18};
  }

  /// Whether locks have fencing tokens.
  bool has_fencing_tokens() const noexcept {
    return major >= 4;
  }

  /// The writes that all programs of a machine may make in a minute; 0 is no limit.
  uint32_t writes_per_minute() const noexcept;
};

/// Reads `4.1.18`, also with something behind it; nothing if it is no version.
std::optional<slm_release> slm_release_of(std::string_view text) noexcept;

} // namespace hub
