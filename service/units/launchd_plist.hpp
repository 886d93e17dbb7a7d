#pragma once

#include "service/units/unit_settings.hpp"

#include <string>
#include <string_view>

namespace hub {

/// What launchd calls the hub; the file is this with `.plist`.
inline constexpr std::string_view launchd_label = "org.slm-hub.hub";

/// An agent of the user's launchd (launchd.plist(5)): it runs from login on and is started
/// again whenever it ends. There is neither watchdog nor sandbox.
std::string launchd_plist(const unit_settings& settings);

} // namespace hub
