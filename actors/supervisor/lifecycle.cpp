#include "actors/supervisor/lifecycle.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace hub {

namespace {

/// The pause after `earlier` pauses in a row.
lifecycle::milliseconds pause_after(uint32_t earlier, std::minstd_rand& random) {
  auto full = std::min(lifecycle::first_pause * (int64_t{1} << std::min(earlier, 10u)), lifecycle::longest_pause);
  // Servers that died together shall not all come back at the same moment.
  std::uniform_real_distribution<double> jitter{0.8, 1.2};
  auto drawn = std::chrono::duration<double, std::milli>{static_cast<double>(full.count()) * jitter(random)};
  return std::min(std::chrono::duration_cast<lifecycle::milliseconds>(drawn), lifecycle::longest_pause);
}

} // namespace

lifecycle::lifecycle(bool enabled, time_point now, uint32_t crash_limit)
  : state_(enabled ? server_state::known : server_state::disabled),
    since_(now),
    next_try_(now),
    crash_limit_(crash_limit) {
  // nop
}

lifecycle::verdict lifecycle::need(time_point now) {
  switch (state_) {
    case server_state::ready:
      return verdict::use;
    case server_state::queued:
    case server_state::starting:
    case server_state::stopping:
      return verdict::wait;
    case server_state::disabled:
      return verdict::refuse;
    case server_state::backing_off:
    case server_state::failed:
      if (now < next_try_)
        return verdict::refuse;
      break;
    case server_state::known:
      break;
  }
  enter(server_state::queued, now);
  return verdict::enqueue;
}

void lifecycle::withdraw(time_point now) {
  if (state_ == server_state::queued)
    enter(server_state::known, now);
}

void lifecycle::start(time_point now) {
  ++starts_;
  ready_since_.reset();
  given_up_.reset();
  enter(server_state::starting, now);
}

void lifecycle::ready(time_point now) {
  if (!ready_since_)
    ready_since_ = now;
  enter(server_state::ready, now);
}

void lifecycle::stop(time_point now) {
  enter(server_state::stopping, now);
}

void lifecycle::give_up(run_end why, time_point now) {
  given_up_ = std::move(why);
  enter(server_state::stopping, now);
}

void lifecycle::end(run_end how, time_point now, std::minstd_rand& random) {
  if (state_ == server_state::stopping && !given_up_) {
    enter(server_state::known, now);
    return;
  }
  if (given_up_) {
    auto last_stderr = std::move(how.last_stderr);
    how = std::move(*given_up_);
    how.last_stderr = std::move(last_stderr);
    given_up_.reset();
  }
  auto shook_hands = ready_since_.has_value();
  if (shook_hands && now - *ready_since_ >= healthy_after)
    failures_in_row_ = pauses_in_row_ = 0;
  ++crashes_;
  ++failures_in_row_;
  last_failure_ = std::move(how);
  next_try_ = now;
  if (shook_hands && failures_in_row_ == 1 && !last_failure_.hopeless) {
    enter(server_state::known, now);
    return;
  }
  next_try_ += pause_after(pauses_in_row_++, random);
  looping_ = crash_limit_ != 0 && failures_in_row_ >= crash_limit_ && !last_failure_.hopeless;
  if (looping_) {
    next_try_ = now + crash_loop_pause;
    last_failure_.cause = "is in a crash loop: it ended " + std::to_string(failures_in_row_)
                          + " times in a row, last because it " + last_failure_.cause;
  }
  enter(last_failure_.hopeless || looping_ ? server_state::failed : server_state::backing_off, now);
}

void lifecycle::forgive(time_point now) {
  failures_in_row_ = pauses_in_row_ = 0;
  if (state_ == server_state::backing_off || state_ == server_state::failed)
    enter(server_state::known, now);
}

lifecycle::milliseconds lifecycle::pause_left(time_point now) const noexcept {
  if ((state_ != server_state::backing_off && state_ != server_state::failed) || now >= next_try_)
    return milliseconds{0};
  return std::chrono::ceil<milliseconds>(next_try_ - now);
}

void lifecycle::enter(server_state next, time_point now) {
  if (state_ != next)
    since_ = now;
  state_ = next;
}

} // namespace hub
