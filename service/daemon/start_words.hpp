#pragma once

#include <string_view>

namespace hub {

/// What a hub that cannot start prints, before the cause.
inline constexpr std::string_view cannot_start = "slm-hub cannot start: ";

/// How the cause begins where another hub has the folder, which may be about to be ready, or to end.
inline constexpr std::string_view folder_taken = "another hub has ";

} // namespace hub
