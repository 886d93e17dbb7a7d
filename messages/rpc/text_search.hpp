#pragma once

#include <cstddef>
#include <string_view>

namespace hub::rpc {

/// Where `text` holds `word` first, or `npos`; `word` must not be empty. Both ends of it are looked for at 16 places at a
/// time, so that it does not matter how often they are met by themselves.
size_t find_text(std::string_view text, std::string_view word) noexcept;

} // namespace hub::rpc
