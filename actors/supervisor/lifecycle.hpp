#pragma once

#include "messages/supervisor.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace hub {

/// How a run of a server ended.
struct run_end {
  /// Goes on after the name of the server: `exited with 1`.
  std::string cause;

  /// A sentence: what the user can do; may be empty.
  std::string fix;

  /// The last lines that it wrote to stderr, oldest first.
  std::vector<std::string> last_stderr;

  /// True if it cannot run before something is fixed.
  bool hopeless = false;
};

/// The life of one server as a state machine: it hears what happens and says
/// what is to be done. It starts and stops nothing and has no clock; every call
/// says what time it is.
///
/// The first crash after a run that shook hands costs nothing: the next call
/// starts the server at once. From then on, and after a failed start, it pauses:
/// 0.5 s, doubled each time up to 60 s, give or take 20 %. Who then stays ready
/// for a minute begins anew. After so many ends in a row that it looks like a crash loop, it is
/// `failed` and pauses for five minutes.
class lifecycle {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  static constexpr milliseconds first_pause{500};
  static constexpr milliseconds longest_pause{60'000};

  /// How long a server must be ready before its earlier crashes are forgotten.
  static constexpr milliseconds healthy_after{60'000};

  /// What somebody who needs the server has to do.
  enum class verdict : uint8_t {
    use,     ///< It takes calls.
    wait,    ///< It is on its way.
    enqueue, ///< It was not running; it is `queued` now and must be started.
    refuse   ///< Not now; `state()` and `last_failure()` say why.
  };

  static constexpr milliseconds crash_loop_pause{300'000};

  /// After how many ends in a row it is taken for a crash loop, unless another number is said.
  static constexpr uint32_t default_crash_limit = 8;

  /// @param crash_limit After how many ends in a row it is in a crash loop; zero is never.
  explicit lifecycle(bool enabled, time_point now, uint32_t crash_limit = default_crash_limit);

  /// Somebody needs the server.
  verdict need(time_point now);

  /// A queued server is no longer wanted.
  void withdraw(time_point now);

  /// It is started. Only from `queued`.
  void start(time_point now);

  /// It shook hands, or did not stop because it is busy.
  void ready(time_point now);

  /// It is told to end.
  void stop(time_point now);

  /// It is told to end because it does not come up; `why` is what will be said
  /// of this run when it has ended.
  void give_up(run_end why, time_point now);

  /// It has ended. Unasked, that is a crash.
  /// @param random For the length of the pause.
  void end(run_end how, time_point now, std::minstd_rand& random);

  /// Forgets crashes and pauses, so that it may be started at once.
  void forgive(time_point now);

  server_state state() const noexcept {
    return state_;
  }

  /// When the state was entered.
  time_point since() const noexcept {
    return since_;
  }

  /// True between `start` and `end`.
  bool running() const noexcept {
    return state_ == server_state::starting || state_ == server_state::ready || state_ == server_state::stopping;
  }

  /// How long it pauses from `now` on; zero if it may start at once.
  milliseconds pause_left(time_point now) const noexcept;

  /// When the pause ends; only in `backing_off` and `failed`.
  time_point next_try() const noexcept {
    return next_try_;
  }

  /// Why the run that is ending was given up; nothing if it was not.
  const std::optional<run_end>& given_up() const noexcept {
    return given_up_;
  }

  /// How the last run that was not asked to end ended.
  const run_end& last_failure() const noexcept {
    return last_failure_;
  }

  /// Whether it has ended too often in a row.
  bool in_crash_loop() const noexcept {
    return state_ == server_state::failed && looping_;
  }

  uint64_t starts() const noexcept {
    return starts_;
  }

  uint64_t crashes() const noexcept {
    return crashes_;
  }

private:
  void enter(server_state next, time_point now);

  server_state state_;
  time_point since_;
  time_point next_try_;

  /// When the present run became ready.
  std::optional<time_point> ready_since_;

  /// Set while a run ends that was given up.
  std::optional<run_end> given_up_;

  run_end last_failure_;
  uint32_t crash_limit_;
  bool looping_ = false;
  uint64_t starts_ = 0;
  uint64_t crashes_ = 0;

  /// Crashes and failed starts in a row, and the pauses they have cost.
  uint32_t failures_in_row_ = 0;
  uint32_t pauses_in_row_ = 0;
};

} // namespace hub
