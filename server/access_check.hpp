#pragma once

#include "messages/access.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// Who sends a request, as the door found out.
struct caller {
  /// Whose token came with it; null without one.
  principal_ptr who = nullptr;

  /// The folder that the client says it works in; empty if it says nothing usable.
  std::string project{};

  /// How many tools it wants to see by themselves (`?tools=`); nothing if it does not say.
  std::optional<uint16_t> tools{};
};

/// Whether a request may come in.
struct access_verdict {
  enum class kind : uint8_t {
    allowed,
    missing, ///< A token is needed, and there is none.
    wrong    ///< The token is unknown, revoked or expired.
  };

  kind what = kind::allowed;

  /// Whose token it was; null without one.
  principal_ptr who = nullptr;
};

/// Judges the header `Authorization` of a request over TCP. Where no token is needed
/// and none exists, whatever the header says is no concern of ours.
access_verdict check_access(const access_table& table, bool required, std::string_view authorization, int64_t now);

/// The headers that go with a 401 (RFC 6750, section 3).
std::string_view challenge_of(access_verdict::kind x) noexcept;

/// What a client is told with a 401: cause and fix.
std::string_view explain(access_verdict::kind x) noexcept;

/// The folder that the header `X-Hub-Project` names: an absolute path without `.` and `..`,
/// at most 4,096 bytes; empty for anything else.
std::string project_of(std::string_view header);

} // namespace hub
