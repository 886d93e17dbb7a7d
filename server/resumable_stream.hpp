#pragma once

#include "server/event_log.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

/// Who writes the events of a stream to a client at present.
class stream_viewer {
public:
  virtual ~stream_viewer() = default;

  /// Tells the client how to go on if the connection breaks.
  virtual void show_priming(std::string_view id) = 0;

  /// Returns false if it was dropped.
  virtual bool show(std::string_view id, const text_parts& message) = 0;

  /// The end: the answer, or nothing if `message` is empty. The stream has no
  /// viewer any more. Returns false if the client may be gone already.
  virtual bool show_last(std::string_view id, const text_parts& message) = 0;

  /// Another viewer goes on with the stream.
  virtual void let_go() = 0;
};

/// What an event id says: which stream, and how far.
struct stream_position {
  /// Whether it is a GET stream, which belongs to no request.
  bool of_session = false;

  std::string stream;

  /// The number of the last event that was seen.
  uint64_t seen = 0;
};

/// Reads the value of `Last-Event-ID`; nothing if it is not one of ours.
std::optional<stream_position> read_event_id(std::string_view id);

/// A stream that outlives its connection (2025-11-25, "Resumability and
/// Redelivery"): it goes on taking events, and who comes with the id of one gets
/// those behind it, and then goes on as the viewer. Belongs to one shard.
class resumable_stream {
public:
  /// @param name Unlike that of any other stream; of letters, digits and dots.
  resumable_stream(std::string name, bool of_session);

  resumable_stream(const resumable_stream&) = delete;
  resumable_stream& operator=(const resumable_stream&) = delete;

  const std::string& name() const noexcept {
    return name_;
  }

  /// Makes `who` the viewer and shows what came after number `seen`.
  void attach(stream_viewer& who, uint64_t seen);

  /// Makes `who` the viewer and tells the client how to go on.
  void attach_primed(stream_viewer& who);

  /// `who` has lost its client. Does nothing if it is not the viewer.
  /// @param now The time in sweeps.
  void detach(const stream_viewer& who, uint32_t now) noexcept;

  /// Returns false if the viewer dropped it. Without a viewer it waits for one.
  bool say(const text_parts& message);

  /// The end; an empty answer is none. Answers are kept for who missed them.
  void end(const text_parts& answer, uint32_t now);

  bool viewed() const noexcept {
    return viewer_ != nullptr;
  }

  bool finished() const noexcept {
    return log_.finished();
  }

  /// Whether the end was written to a connection; nobody can tell whether it
  /// arrived.
  bool delivered() const noexcept {
    return delivered_;
  }

  size_t bytes() const noexcept {
    return log_.bytes();
  }

  /// Since when nobody views it; a time in sweeps.
  uint32_t alone_since() const noexcept {
    return alone_since_;
  }

  /// Called when nobody may ask for it any more though it has not ended.
  std::function<void()> on_forgotten;

private:
  std::string id_of(uint64_t number) const;
  void take_over(stream_viewer& who);

  std::string name_;
  bool of_session_;
  event_log log_;
  stream_viewer* viewer_ = nullptr;
  bool delivered_ = false;
  uint32_t alone_since_ = 0;
};

} // namespace hub
