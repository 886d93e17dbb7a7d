#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace hub::demo {

/// The time of day in a zone of the tz database, such as "Europe/Berlin", as
/// ISO 8601 with the offset: "2026-07-28T14:30:00+02:00". Throws `bad_argument`
/// for a zone that this machine does not know. It switches the time zone of the
/// process for a moment, so only one thread may call it.
std::string time_in(std::string_view zone, std::time_t now);

/// Zones to offer as completions, in alphabetical order.
const std::vector<std::string_view>& well_known_zones();

} // namespace hub::demo
