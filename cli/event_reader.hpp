#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace hub::cli {

/// Takes a stream of server-sent events in chunks of any size and gives the
/// data of each event.
class event_reader {
public:
  /// `on_event` gets the data of an event, its lines joined by newlines. Events
  /// without data are left out.
  explicit event_reader(std::function<void(std::string_view)> on_event);

  /// Takes the next bytes of the stream.
  void feed(std::string_view chunk);

  /// The id of the last event that had one; empty if none had.
  const std::string& last_id() const noexcept {
    return last_id_;
  }

private:
  void line_ended();

  std::function<void(std::string_view)> on_event_;
  std::string line_;
  std::string data_;
  bool has_data_ = false;

  /// The id of the event that is being read, and of the last one that is complete.
  std::string id_;
  std::string last_id_;

  /// The last byte was a carriage return: a newline after it ends no line.
  bool after_return_ = false;
};

} // namespace hub::cli
