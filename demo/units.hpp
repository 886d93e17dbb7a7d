#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hub::demo {

/// Converts between units of one kind. Throws `bad_argument` for a unit that it
/// does not know, naming those that it does, and for units of different kinds.
double convert(double value, std::string_view from, std::string_view to);

/// The kinds of units: length, mass, ...
std::vector<std::string_view> unit_kinds();

/// The symbols of all units of a kind; empty if there is no such kind.
std::vector<std::string_view> units_of(std::string_view kind);

} // namespace hub::demo
