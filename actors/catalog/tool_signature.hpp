#pragma once

#include <string>
#include <string_view>

namespace hub {

/// One line that says how to call a tool, `add(a: number, b?: number): Adds two
/// numbers.`: its parameters with their types, `?` behind those that may be
/// left out, and the first sentence of its description. At most about 250 bytes.
/// @param schema The input schema as JSON. What is not understood of it is left out.
std::string tool_signature(std::string_view name, std::string_view description, std::string_view schema);

/// The first sentence of `text` on one line, cut at `limit` bytes.
std::string first_sentence(std::string_view text, size_t limit);

} // namespace hub
