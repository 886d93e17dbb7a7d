#pragma once

#include <string_view>

namespace hub {

/// Whether two texts are the same but for upper and lower case of ASCII letters.
bool same_but_case(std::string_view a, std::string_view b) noexcept;

} // namespace hub
