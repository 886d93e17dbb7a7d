#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// What is wrong with the settings of a plugin by its own schema, a sentence without its
/// subject; nothing if all is well. Of JSON Schema it reads `required`, `additionalProperties`
/// where it is false, and of each property `type` (one or more) and `enum`; the rest is up to
/// the plugin.
/// @param settings A JSON object.
/// @param schema JSON; empty for none.
std::optional<std::string> check_settings(std::string_view settings, std::string_view schema);

} // namespace hub
