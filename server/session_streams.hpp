#pragma once

#include "server/resumable_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// The streams of one session that can be resumed, oldest first. What was answered
/// is kept for a while, because nobody can tell whether it arrived.
class session_streams {
public:
  /// The most streams. Those whose answer was sent make place for new ones.
  static constexpr size_t streams_limit = 32;

  /// The most bytes of streams whose answer was sent.
  static constexpr size_t delivered_limit = 4 * 1024 * 1024;

  /// How long streams are kept, in sweeps.
  struct limits {
    /// Without a viewer.
    uint32_t alone = 300;

    /// After the answer was sent.
    uint32_t delivered = 60;
  };

  /// Adds a stream; null if there are too many that somebody may still ask for.
  std::shared_ptr<resumable_stream> open(std::string name, bool of_session);

  /// Null if there is none, or none any more.
  std::shared_ptr<resumable_stream> find(std::string_view name) const noexcept;

  /// Forgets a stream, and tells whoever feeds it if it has not ended.
  void forget(const std::shared_ptr<resumable_stream>& stream);

  /// Forgets the oldest of those whose answer was sent until the rest is not too
  /// much; the newest one stays.
  void trim();

  /// Forgets what is kept for too long.
  void sweep(uint32_t now, const limits& limit);

  bool empty() const noexcept {
    return streams_.empty();
  }

  size_t size() const noexcept {
    return streams_.size();
  }

  /// Whether somebody sweeps it.
  bool swept = false;

private:
  /// Forgets the oldest stream whose answer was sent; false if there is none.
  bool make_place();

  std::vector<std::shared_ptr<resumable_stream>> streams_;
};

} // namespace hub
