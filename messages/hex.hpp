#pragma once

#include <span>

namespace hub {

/// Writes two small hex digits for each byte to `to`.
void write_hex(std::span<const unsigned char> bytes, char* to) noexcept;

} // namespace hub
