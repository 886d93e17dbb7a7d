#include "demo/units.hpp"

#include "demo/arguments.hpp"

#include <algorithm>

namespace hub::demo {

namespace {

/// A unit as `base = value * factor + offset`, where the base is the SI unit.
struct unit {
  std::string_view kind;
  std::string_view symbol;
  std::string_view name;
  double factor;
  double offset = 0;
};

constexpr unit units[] = {
  {"length", "mm", "millimetre", 0.001},
  {"length", "cm", "centimetre", 0.01},
  {"length", "m", "metre", 1},
  {"length", "km", "kilometre", 1000},
  {"length", "in", "inch", 0.0254},
  {"length", "ft", "foot", 0.3048},
  {"length", "yd", "yard", 0.9144},
  {"length", "mi", "mile", 1609.344},
  {"length", "nmi", "nautical mile", 1852},
  {"mass", "g", "gram", 0.001},
  {"mass", "kg", "kilogram", 1},
  {"mass", "t", "tonne", 1000},
  {"mass", "oz", "ounce", 0.028349523125},
  {"mass", "lb", "pound", 0.45359237},
  {"temperature", "K", "kelvin", 1},
  {"temperature", "C", "celsius", 1, 273.15},
  {"temperature", "F", "fahrenheit", 5.0 / 9, 459.67 * 5 / 9},
  {"volume", "ml", "millilitre", 0.000001},
  {"volume", "l", "litre", 0.001},
  {"volume", "m3", "cubic metre", 1},
  {"volume", "gal", "gallon", 0.003785411784},
  {"volume", "cup", "cup", 0.0002365882365},
  {"speed", "m/s", "metre per second", 1},
  {"speed", "km/h", "kilometre per hour", 1 / 3.6},
  {"speed", "mph", "mile per hour", 0.44704},
  {"speed", "kn", "knot", 1852 / 3600.0},
  {"data", "B", "byte", 1},
  {"data", "kB", "kilobyte", 1e3},
  {"data", "MB", "megabyte", 1e6},
  {"data", "GB", "gigabyte", 1e9},
  {"data", "KiB", "kibibyte", 1024},
  {"data", "MiB", "mebibyte", 1048576},
  {"data", "GiB", "gibibyte", 1073741824},
};

std::string joined(const std::vector<std::string_view>& words) {
  std::string result;
  for (auto word : words)
    result.append(result.empty() ? "" : ", ").append(word);
  return result;
}

const unit& find_unit(std::string_view word) {
  for (auto& candidate : units)
    if (word == candidate.symbol || word == candidate.name || word == std::string{candidate.name} + 's')
      return candidate;
  std::string known;
  for (auto kind : unit_kinds())
    known += (known.empty() ? "" : "; ") + std::string{kind} + ": " + joined(units_of(kind));
  throw bad_argument{"unknown unit '" + std::string{word} + "'; known are " + known};
}

} // namespace

double convert(double value, std::string_view from, std::string_view to) {
  auto& source = find_unit(from);
  auto& target = find_unit(to);
  if (source.kind != target.kind)
    throw bad_argument{std::string{from} + " is a " + std::string{source.kind} + " and " + std::string{to} + " is a "
                       + std::string{target.kind} + "; choose two units of one kind, such as "
                       + joined(units_of(source.kind))};
  return (value * source.factor + source.offset - target.offset) / target.factor;
}

std::vector<std::string_view> unit_kinds() {
  std::vector<std::string_view> result;
  for (auto& candidate : units)
    if (std::find(result.begin(), result.end(), candidate.kind) == result.end())
      result.push_back(candidate.kind);
  return result;
}

std::vector<std::string_view> units_of(std::string_view kind) {
  std::vector<std::string_view> result;
  for (auto& candidate : units)
    if (candidate.kind == kind)
      result.push_back(candidate.symbol);
  return result;
}

} // namespace hub::demo
