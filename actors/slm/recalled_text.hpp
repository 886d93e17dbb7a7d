#pragma once

#include "actors/slm/slm_api.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// The most bytes of a text for `instructions`.
inline constexpr size_t recalled_bytes_max = 1500;

/// What the memory is asked as a client begins.
std::string recall_query(std::string_view project);

/// What was recalled, for a model to read: between marks that say that these are notes of
/// others and no orders. What is inside is one line each, without anything that steers, and
/// cannot end the fence. Empty if nothing was recalled.
/// @param limit In bytes; notes that do not fit are left out.
std::string recalled_text(const std::vector<slm_memory>& memories, size_t limit = recalled_bytes_max);

} // namespace hub
