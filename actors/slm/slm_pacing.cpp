#include "actors/slm/slm_pacing.hpp"

#include <algorithm>
#include <cmath>

namespace hub {

namespace {

/// Where the daemon has no limit of its own.
constexpr double share_without_limit = 150;

/// How long what can wait stays away after others have used up half of the limit.
constexpr std::chrono::seconds shyness{10};

std::string millisecond_text(int64_t x) {
  return std::to_string(x) + " ms";
}

std::string byte_text(uint64_t x) {
  return x < 10'240 ? std::to_string(x) + " bytes" : std::to_string(x / 1024) + " KiB";
}

} // namespace

void write_budget::reset(uint32_t per_minute, time now) {
  limit_ = per_minute;
  share_ = per_minute == 0 ? share_without_limit : per_minute < 100 ? per_minute / 3.0 : per_minute / 2.0;
  burst_ = std::min(share_, 30.0);
  left_ = burst_;
  counted_at_ = now;
  pause_until_ = time{};
  spare_until_ = time{};
}

std::chrono::milliseconds write_budget::take(bool spare, time now) {
  using std::chrono::milliseconds;
  auto blocked_until = spare ? std::max(pause_until_, spare_until_) : pause_until_;
  if (now < blocked_until)
    return std::chrono::ceil<milliseconds>(blocked_until - now);
  auto elapsed = std::chrono::duration<double, std::ratio<60>>(now - counted_at_).count();
  left_ = std::min(burst_, left_ + elapsed * share_);
  counted_at_ = now;
  // Half of those that may go at once is for what cannot wait.
  auto needed = spare ? burst_ / 2 + 1 : 1.0;
  if (left_ >= needed) {
    left_ -= 1;
    return milliseconds{0};
  }
  return std::max(milliseconds{1}, milliseconds{static_cast<int64_t>(std::ceil((needed - left_) * 60'000 / share_))});
}

void write_budget::answered(const slm_answer& x, time now) {
  if (x.outcome == slm_outcome::limited)
    pause_until_ = std::max(pause_until_, now + x.pause);
  if (x.writes_left && limit_ != 0 && *x.writes_left < limit_ / 2)
    spare_until_ = now + shyness;
}

std::chrono::seconds probe_pauses::failed() {
  auto result = next_;
  next_ = std::min(next_ * 2, longest);
  return result;
}

void tool_event_queue::add(call x, time now) {
  key where{x.event.session, x.event.tool, x.event.failed};
  auto [place, is_new] = places_.emplace(std::move(where), last_ + 1);
  if (is_new) {
    entry made;
    made.due = now + hold;
    waiting_.emplace(++last_, std::move(made));
  }
  auto& to = waiting_.at(place->second);
  to.event = std::move(x.event);
  ++to.count;
  to.milliseconds += x.milliseconds;
  to.longest = std::max(to.longest, x.milliseconds);
  to.bytes += x.bytes;
  if (waiting_.size() > limit) {
    auto oldest = waiting_.begin();
    dropped_ += oldest->second.count;
    auto& gone = oldest->second.event;
    places_.erase(key{gone.session, gone.tool, gone.failed});
    waiting_.erase(oldest);
  }
}

std::optional<slm_tool_event> tool_event_queue::take(time now) {
  // Those of a session that has ended are due before older ones.
  auto i = std::ranges::find_if(waiting_, [now](auto& x) { return x.second.due <= now; });
  if (i == waiting_.end())
    return std::nullopt;
  auto done = std::move(i->second);
  waiting_.erase(i);
  auto& event = done.event;
  places_.erase(key{event.session, event.tool, event.failed});
  event.output = event.failed ? "failed" : "ok";
  if (done.count == 1)
    event.output += " in " + millisecond_text(done.milliseconds);
  else
    event.output += " " + std::to_string(done.count) + " times in " + millisecond_text(done.milliseconds) + ", the longest "
                    + millisecond_text(done.longest);
  event.output += ", " + byte_text(done.bytes);
  return std::move(event);
}

void tool_event_queue::hurry(const std::string& session) {
  for (auto& [age, x] : waiting_)
    if (x.event.session == session)
      x.due = time::min();
}

void tool_event_queue::hurry_all() {
  for (auto& [age, x] : waiting_)
    x.due = time::min();
}

std::optional<tool_event_queue::time> tool_event_queue::due() const {
  std::optional<time> result;
  for (auto& [age, x] : waiting_)
    if (!result || x.due < *result)
      result = x.due;
  return result;
}

} // namespace hub
