#pragma once

#include "messages/cascade.hpp"
#include "messages/json_text.hpp"

#include <string_view>

namespace hub {

/// The cascade that a tool belongs to, and its place there; null if there is none.
std::pair<const cascade*, size_t> find_cascade(const cascade_list& cascades, std::string_view server, std::string_view tool);

/// The params of a call of one tool of a cascade as those of a call of another.
json_text translate_call(const json_text& params, const cascade_tool& from, const cascade_tool& to);

} // namespace hub
