#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// One event of a stream that has data.
struct arrived_event {
  /// `message` unless the stream says another.
  std::string type;

  std::string data;
};

/// Cuts the bytes of a `text/event-stream` into events (WHATWG HTML, "Server-sent
/// events", "Parsing an event stream"). What is unfinished at the end of a stream is
/// not an event.
class event_stream_parser {
public:
  /// @param max_event The most that the data of one event, or one line, may take, in
  ///                  bytes.
  explicit event_stream_parser(size_t max_event) : max_event_(max_event) {
    // nop
  }

  /// Takes bytes and puts the events that they complete behind `events`.
  /// @returns False if an event is over the bound; nothing more can be read then.
  bool feed(std::string_view bytes, std::vector<arrived_event>& events);

  /// Forgets what is unfinished: another stream goes on behind the last id.
  void restart();

  /// The id to go on from; empty if the stream has none.
  const std::string& last_id() const noexcept {
    return last_id_;
  }

  /// How long to wait before connecting again, at most an hour; nothing if the stream
  /// did not say.
  std::optional<std::chrono::milliseconds> retry() const noexcept {
    return retry_;
  }

private:
  void take_line(std::string_view line, std::vector<arrived_event>& events);
  void take_field(std::string_view name, std::string_view value);
  void dispatch(std::vector<arrived_event>& events);

  size_t max_event_;

  /// The beginning of a line whose end has not come.
  std::string line_;

  std::string type_;
  std::string data_;

  /// Tells an event with an empty line of data from one without data.
  bool has_data_ = false;

  /// An id counts as its event ends.
  std::string next_id_;
  std::string last_id_;
  std::optional<std::chrono::milliseconds> retry_;

  /// A line feed at the beginning belongs to the carriage return before.
  bool after_return_ = false;

  bool at_start_ = true;
  bool too_large_ = false;
};

} // namespace hub
