#pragma once

#include "messages/json_text.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace hub {

/// The events of one stream, for a client that lost its connection and asks for
/// what it has missed. The oldest go when it is full; the answer never does. Texts
/// are shared with whoever sends them.
class event_log {
public:
  /// The most events and bytes that are kept besides the answer.
  static constexpr size_t events_limit = 512;
  static constexpr size_t bytes_limit = 256 * 1024;

  /// Keeps an event; returns its number, from 1 on.
  uint64_t append(text_parts message) {
    bytes_ += message.size();
    events_.push_back({++last_, std::move(message)});
    while (events_.size() > events_limit || bytes_ > bytes_limit) {
      bytes_ -= events_.front().message.size();
      events_.pop_front();
    }
    return last_;
  }

  /// Keeps the answer, after which nothing follows; returns its number. An empty
  /// one means that the stream ends without.
  uint64_t finish(text_parts answer) {
    finished_ = true;
    answer_ = std::move(answer);
    return answer_.empty() ? last_ : ++last_;
  }

  bool finished() const noexcept {
    return finished_;
  }

  const text_parts& answer() const noexcept {
    return answer_;
  }

  /// The number of the newest one, the answer included; 0 before the first.
  uint64_t last() const noexcept {
    return last_;
  }

  /// Calls `f(number, message)` for each event, without the answer, that came
  /// after number `seen`.
  template <class F>
  void for_each_after(uint64_t seen, F&& f) const {
    for (auto& x : events_)
      if (x.number > seen)
        f(x.number, x.message);
  }

  /// All that is kept, the answer included.
  size_t bytes() const noexcept {
    return bytes_ + answer_.size();
  }

private:
  struct event {
    uint64_t number;
    text_parts message;
  };

  std::deque<event> events_;
  text_parts answer_;
  size_t bytes_ = 0;
  uint64_t last_ = 0;
  bool finished_ = false;
};

} // namespace hub
