#pragma once

#include "messages/cache.hpp"

#include <string>

namespace hub {

/// What the cache did, for `/api/cache`.
std::string cache_text(const cache_figures_told& x);

/// What was dropped, for `/api/cache/clear`.
std::string dropped_text(const results_dropped& x);

} // namespace hub
