#pragma once

#include "service/units/unit_settings.hpp"

#include <string>
#include <string_view>

namespace hub {

/// What systemd and its tools call the hub.
inline constexpr std::string_view systemd_unit_name = "slm-hub.service";

/// A unit for the user's systemd (systemd.service(5), systemd.exec(5)): it is told by
/// sd_notify how the hub is, starts it again when it fails or hangs, and fences it and its
/// servers in as far as servers stand it.
std::string systemd_unit(const unit_settings& settings);

/// The folder of configuration that a unit names; empty if it is none of ours.
std::string folder_of_systemd_unit(std::string_view unit);

/// A word of a command line in a unit: in quotes, with what systemd would expand escaped.
std::string systemd_word(std::string_view text);

} // namespace hub
