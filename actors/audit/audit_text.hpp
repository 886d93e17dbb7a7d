#pragma once

#include "messages/audit.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace hub {

/// A record as JSON members, without what chains it. All texts from outside are quoted, so
/// no line can look like another.
/// @param arguments Whether arguments are written, up to 64 KiB of them; otherwise their SHA-256.
std::string audit_members(const call_record& x, bool arguments);

/// The members of the line that tells what a door turned away.
std::string refusal_members(std::chrono::system_clock::time_point at, const door_refusals& x);

/// The members of the line that tells how many records were dropped.
std::string dropped_members(std::chrono::system_clock::time_point at, uint64_t count);

} // namespace hub
