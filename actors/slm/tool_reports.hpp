#pragma once

#include "actors/slm/argument_summary.hpp"
#include "actors/slm/slm_pacing.hpp"
#include "messages/call_record.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hub {

/// What the memory is told.
struct report_settings {
  summary_detail detail = summary_detail::names;

  /// Servers whose calls are not told: the memory's own tools would teach it itself.
  std::vector<std::string> left_out{"slm", "superlocalmemory"};
};

/// What the memory daemon is told of calls and sessions, in the order in which it is told.
class tool_reports {
public:
  using time = tool_event_queue::time;

  /// The most sessions whose use is counted, and that wait to be closed.
  static constexpr size_t sessions_max = 1000;
  static constexpr size_t closings_max = 256;

  explicit tool_reports(report_settings settings) : settings_(std::move(settings)) {
    // nop
  }

  /// A call has ended.
  void add(const call_record& x, time now);

  /// A session has ended: a summary, and then its end, are told behind its events. Nothing is
  /// told of one that has called nothing.
  void end_session(const std::string& session, std::chrono::milliseconds age);

  /// What is to be told next, if its time has come.
  /// @param closes Whether the daemon can close sessions.
  std::optional<slm_request> next(time now, bool closes);

  /// When there will be something to tell; nothing if nothing waits.
  std::optional<time> due() const;

  /// Has everything told at once.
  void hurry_all();

  size_t waiting() const noexcept {
    return queue_.size() + closings_.size();
  }

  /// Calls and ends that were never told.
  uint64_t dropped() const noexcept {
    return dropped_ + queue_.dropped();
  }

private:
  struct tally {
    std::string project;
    std::map<std::string, uint64_t> tools;
    uint64_t calls = 0;
    uint64_t failed = 0;
  };

  struct closing {
    std::string session;
    slm_tool_event summary;
    bool summarized = false;
  };

  report_settings settings_;
  tool_event_queue queue_;
  std::map<std::string, tally> sessions_;
  std::deque<closing> closings_;
  uint64_t dropped_ = 0;
};

/// By what name the memory knows the session of a call: its mark, or the door of a stateless
/// client.
std::string session_name(const call_origin* origin);

} // namespace hub
