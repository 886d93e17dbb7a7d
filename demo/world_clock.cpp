#include "demo/world_clock.hpp"

#include "demo/arguments.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace hub::demo {

namespace {

/// Only names that cannot leave the folder of the tz database.
bool is_zone_name(std::string_view zone) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
  return !zone.empty() && zone.size() <= 64 && zone.front() != '/'
         && zone.find_first_not_of(allowed) == std::string_view::npos;
}

} // namespace

std::string time_in(std::string_view zone, std::time_t now) {
  auto name = std::string{zone};
  std::error_code ignored;
  if (!is_zone_name(zone) || (name != "UTC" && !std::filesystem::is_regular_file("/usr/share/zoneinfo/" + name, ignored)))
    throw bad_argument{"unknown time zone '" + name
                       + "'; give a name of the tz database such as Europe/Berlin (package tzdata must be installed)"};
  auto* before = std::getenv("TZ");
  auto restore = before == nullptr ? std::string{} : std::string{before};
  auto had_zone = before != nullptr;
  setenv("TZ", name.c_str(), 1);
  tzset();
  std::tm local{};
  localtime_r(&now, &local);
  had_zone ? setenv("TZ", restore.c_str(), 1) : unsetenv("TZ");
  tzset();
  char text[48];
  auto length = std::strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &local);
  // strftime knows +0200 only; ISO 8601 in its extended form wants +02:00.
  auto minutes = std::abs(static_cast<int>(local.tm_gmtoff / 60));
  std::snprintf(text + length, sizeof text - length, "%c%02d:%02d", local.tm_gmtoff < 0 ? '-' : '+', minutes / 60 % 100,
                minutes % 60);
  return text;
}

const std::vector<std::string_view>& well_known_zones() {
  static const std::vector<std::string_view> zones = {
    "Africa/Cairo",     "Africa/Lagos",        "Africa/Nairobi",  "America/Chicago", "America/Los_Angeles",
    "America/New_York", "America/Sao_Paulo",   "Asia/Dubai",      "Asia/Kolkata",    "Asia/Shanghai",
    "Asia/Singapore",   "Asia/Tokyo",          "Australia/Sydney", "Europe/Berlin",  "Europe/London",
    "Europe/Madrid",    "Europe/Paris",        "Pacific/Auckland", "UTC",
  };
  return zones;
}

} // namespace hub::demo
