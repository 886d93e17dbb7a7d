#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Members of the objects that the hub answers with. A member that is not there
// or has another type reads as empty or zero, so that a command also
// understands an older or newer hub.
namespace hub::cli {

std::string text_field(std::string_view object, std::string_view key);

int64_t integer_field(std::string_view object, std::string_view key);

double number_field(std::string_view object, std::string_view key);

bool flag_field(std::string_view object, std::string_view key);

/// The elements of an array, as JSON text that points into `object`.
std::vector<std::string_view> list_field(std::string_view object, std::string_view key);

/// Adds the member `key` with JSON text as its value to the object text that
/// grows in `object` between `{` and `}`.
void append_member(std::string& object, std::string_view key, std::string_view value);

} // namespace hub::cli
