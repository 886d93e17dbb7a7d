#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace hub {

/// The `Authorization` that requests to a server have at present. A secret.
struct current_bearer {
  /// Empty for none.
  std::string header;

  /// From when on the holder of the grants has to be asked, in seconds of Unix time.
  int64_t ask_from = 0;
};

/// Where the holder of the grants leaves it for the transports of all shards, so
/// that a request does not have to ask. Null before anything is known.
using bearer_cell = std::atomic<std::shared_ptr<const current_bearer>>;

} // namespace hub
