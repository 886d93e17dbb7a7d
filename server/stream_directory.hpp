#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

class sse_exchange;

/// The open streams of HTTP+SSE of one shard, by the names that clients post with:
/// the index of the shard, a hyphen, and 128 bits that nobody can guess.
class stream_directory {
public:
  explicit stream_directory(size_t shard) : shard_(shard) {
    // nop
  }

  /// Adds a stream and names it.
  std::string add(std::weak_ptr<sse_exchange> stream);

  /// Null if there is none of that name.
  std::shared_ptr<sse_exchange> find(const std::string& name) const;

  void remove(const std::string& name);

private:
  size_t shard_;
  std::map<std::string, std::weak_ptr<sse_exchange>> streams_;
};

/// The shard of a stream; nothing if `name` is none.
std::optional<size_t> shard_of_stream(std::string_view name) noexcept;

} // namespace hub
