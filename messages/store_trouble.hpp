#pragma once

#include <atomic>
#include <memory>
#include <string>

namespace hub {

/// Why nothing is kept for the next start, as a sentence that says what to do; null while all is
/// well. Safe from any thread.
using store_trouble = std::atomic<std::shared_ptr<const std::string>>;

} // namespace hub
