#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace hub {

/// How far the cache goes with what may be read more than once.
enum class cache_mode : uint8_t {
  off,   ///< Each call goes to the server.
  share, ///< Equal calls in flight share one; kept is what a result itself allows.
  ttl    ///< Results are kept for a while, too.
};

/// What an entry of the configuration says of the cache for a server.
struct server_cache {
  cache_mode mode = cache_mode::share;

  /// How long results are kept that do not say it themselves.
  std::chrono::milliseconds ttl{300'000};

  /// False if other calls to the server leave kept results alone.
  bool drop_on_write = true;

  /// Whether all principals have the results in common, unless one says it is private.
  bool is_public = false;

  /// What holds for tools whose names match a pattern with `*` and `?`, the first one that
  /// does. The user vouches for them: they need not say that they only read.
  struct tool_rule {
    std::string tool;
    cache_mode mode = cache_mode::share;
    std::chrono::milliseconds ttl{0};

    bool operator==(const tool_rule&) const = default;
  };
  std::vector<tool_rule> tools;

  bool operator==(const server_cache&) const = default;
};

} // namespace hub
