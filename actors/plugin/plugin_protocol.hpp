#pragma once

#include "messages/call_record.hpp"
#include "messages/json_text.hpp"
#include "messages/plugin.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

/// What the hub and a program in the plugins folder say to each other: JSON-RPC, a message a
/// line. Whoever drives it hands in what happens and what comes, and sends and does what is in
/// `out`. It has no clock, no pipe and no actor; docs/plugins.md describes what crosses.
class plugin_protocol {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The version of this protocol.
  static constexpr int version = 1;

  struct limits {
    /// News that are kept for a plugin that has not shaken hands.
    size_t early_news = 256;

    /// Bytes that may wait for its stdin; what is told beyond is dropped.
    size_t waiting_bytes = 1 << 20;

    /// Lines that are no message of the protocol, in one run of it.
    size_t bad_lines = 16;

    /// Lines, and bytes in them, within a second.
    size_t lines_a_second = 2'000;
    size_t bytes_a_second = 8 << 20;

    /// What it may have to say for the log within a second; the rest is left out.
    size_t remarks_a_second = 20;

    /// How many verdicts in a row may be missing.
    size_t missing_verdicts = 5;
  };

  /// A line that a plugin has for the log.
  struct remark {
    std::string level;
    std::string text;
  };

  /// What is to be done now.
  struct output {
    /// Messages for its stdin, in order.
    std::vector<text_parts> messages;

    /// How many of the messages are news and calls that have ended.
    uint64_t notified = 0;

    /// Verdicts by the numbers of the questions.
    std::vector<std::pair<int64_t, call_verdict>> verdicts;

    std::vector<remark> remarks;

    /// It has shaken hands.
    std::optional<plugin_ready> ready;

    /// It wants to be shown otherwise.
    std::optional<plugin_told> told;

    /// It cannot go on.
    std::optional<plugin_stopped> failed;
  };

  plugin_protocol(std::string name, json_text settings) : plugin_protocol(std::move(name), std::move(settings), limits{}) {
    // nop
  }

  plugin_protocol(std::string name, json_text settings, limits bounds);

  /// Its program runs.
  void open();

  /// A line that it wrote.
  void receive(const json_text& line, time_point now);

  /// Something happened. Returns false if it was dropped.
  /// @param waiting How many bytes wait for its stdin.
  bool tell(const plugin_event_ptr& x, size_t waiting);

  /// Calls have ended. Returns how many of them were dropped.
  size_t tell(const std::vector<call_record>& calls, size_t waiting);

  /// Asks about a call. The verdict comes with the number that is returned; nothing is
  /// returned if it is not asked.
  std::optional<int64_t> ask(const intended_call& call, size_t waiting, time_point deadline);

  /// Gives up on verdicts that are late.
  void tick(time_point now);

  bool ready() const noexcept {
    return ready_;
  }

  /// Whether verdicts are waited for.
  bool waits() const noexcept {
    return !open_.empty();
  }

  /// How many lines were no message of the protocol.
  size_t bad_lines() const noexcept {
    return bad_lines_;
  }

  output out;

private:
  /// Has the plugin told.
  void notify(plugin_hook hook, std::string params);

  void take_greeting(const json_text& result);
  void take_answer(std::string_view id, const json_text& result, bool is_error, time_point now);
  void take_notification(const std::string& method, std::string_view params);
  void note_bad_line(std::string_view line);
  void fail(std::string cause, std::string fix, bool hopeless = false);

  /// Whether it wrote more than anybody reads.
  bool floods(size_t bytes, time_point now);

  std::string name_;
  json_text settings_;
  limits limits_;
  bool ready_ = false;
  bool failed_ = false;
  plugin_hooks hooks_;

  /// What happened before it shook hands.
  std::deque<plugin_event_ptr> early_;

  /// 1 is `initialize`.
  int64_t last_id_ = 1;
  std::map<int64_t, time_point> open_;

  /// Verdicts in a row that were missing.
  size_t missing_ = 0;
  size_t bad_lines_ = 0;

  time_point second_;
  size_t lines_ = 0;
  size_t remarks_ = 0;
  size_t bytes_ = 0;
};

} // namespace hub
