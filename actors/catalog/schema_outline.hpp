#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// What is left out of an input schema so that it takes less room, each step with what the one before leaves out.
enum class schema_cut : uint8_t {
  nothing,
  optional_texts,      ///< Descriptions, titles and examples of what need not be given.
  optional_properties, ///< As many properties that need not be given as have no room.
  all_but_types        ///< Everything but the names of the required properties and their types.
};

/// An input schema that was made to fit.
struct fitted_schema {
  /// JSON without white space; still a schema, which takes whatever the whole one takes.
  std::string json;

  /// What is left out, in words; empty if it is whole.
  std::string left_out;
};

/// Leaves as little out of an input schema as it must to fit in.
/// @param schema A JSON object; empty counts as `{"type":"object"}`.
/// @param room In bytes, for the JSON.
/// @param most The last step that may be taken.
/// @return Nothing if it does not fit even so.
std::optional<fitted_schema> fit_schema(std::string_view schema, size_t room, schema_cut most);

/// `json` without white space between its tokens. It is not checked.
std::string minified(std::string_view json);

} // namespace hub
