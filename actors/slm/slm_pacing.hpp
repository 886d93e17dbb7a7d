#pragma once

#include "actors/slm/slm_api.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace hub {

/// How many writes are sent. The daemon counts those of all programs of the machine together,
/// so at most a part of its limit is ours, and what can wait stops earlier than what cannot.
class write_budget {
public:
  using time = std::chrono::steady_clock::time_point;

  /// Another daemon: `per_minute` is its limit, 0 for none.
  void reset(uint32_t per_minute, time now);

  /// Takes one write out; returns zero, or how long to wait for it. @param spare Whether the
  /// write can wait: it leaves some for others.
  std::chrono::milliseconds take(bool spare, time now);

  /// What an answer to a write said.
  void answered(const slm_answer& x, time now);

  /// The writes a minute that are ours.
  double share() const noexcept {
    return share_;
  }

private:
  /// Writes in a minute: half of the limit if there is room, a third of a small one.
  double share_ = 10;
  uint32_t limit_ = 30;

  /// Writes that may go at once.
  double burst_ = 10;
  double left_ = 10;
  time counted_at_{};

  /// Nothing goes before it.
  time pause_until_{};

  /// What can wait does not go before it.
  time spare_until_{};
};

/// How long to wait before the daemon is looked for again: 1 s, doubled up to 30 s.
class probe_pauses {
public:
  static constexpr std::chrono::seconds first{1};
  static constexpr std::chrono::seconds longest{30};

  /// The pause after one failure more.
  std::chrono::seconds failed();

  void succeeded() {
    next_ = first;
  }

private:
  std::chrono::seconds next_ = first;
};

/// Tool events that are to be told. Those of one session, tool and outcome become one while they wait.
class tool_event_queue {
public:
  using time = std::chrono::steady_clock::time_point;

  /// The most events that wait; the oldest is dropped for another.
  static constexpr size_t limit = 256;

  /// How long an event waits for others like it.
  static constexpr std::chrono::milliseconds hold{1000};

  /// One call.
  struct call {
    slm_tool_event event;
    int64_t milliseconds = 0;
    uint64_t bytes = 0;
  };

  void add(call x, time now);

  /// Takes the oldest event if it has waited for long enough.
  std::optional<slm_tool_event> take(time now);

  /// Has the events of a session wait no longer.
  void hurry(const std::string& session);

  /// The same for all.
  void hurry_all();

  /// When the oldest event may go; nothing if none waits.
  std::optional<time> due() const;

  size_t size() const noexcept {
    return waiting_.size();
  }

  /// Calls that were never told.
  uint64_t dropped() const noexcept {
    return dropped_;
  }

private:
  struct entry {
    slm_tool_event event;
    time due;
    uint64_t count = 0;
    int64_t milliseconds = 0;
    int64_t longest = 0;
    uint64_t bytes = 0;
  };

  struct key {
    std::string session;
    std::string tool;
    bool failed = false;

    auto operator<=>(const key&) const = default;
  };

  /// By age.
  std::map<uint64_t, entry> waiting_;
  std::map<key, uint64_t> places_;
  uint64_t last_ = 0;
  uint64_t dropped_ = 0;
};

} // namespace hub
