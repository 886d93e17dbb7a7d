#include "actors/telemetry/span_export.hpp"

#include <algorithm>
#include <utility>

namespace hub {

namespace {

/// Whether a collector may take later what it did not take now (OTLP 1.x, "Failures" of OTLP/HTTP).
bool is_passing(int status) noexcept {
  return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
}

} // namespace

void span_export::add(const call_trace& x, time_point now) {
  if (waiting_.calls >= calls_limit || waiting_.spans.size() >= bytes_limit) {
    ++dropped_;
    return;
  }
  if (waiting_.calls++ == 0)
    waiting_.since = now;
  writer_.append(waiting_.spans, x);
}

std::optional<std::string_view> span_export::next(time_point now) {
  if (sending_) {
    if (!paused_until_ || (now < *paused_until_ && !hurried_))
      return std::nullopt;
    paused_until_.reset();
    ++tries_;
    return sending_->spans;
  }
  auto due = waiting_.calls >= batch_calls || now - waiting_.since >= batch_age || hurried_;
  if (waiting_.calls == 0 || !due)
    return std::nullopt;
  sending_ = std::exchange(waiting_, {});
  // As busy as before, so that they do not move as they become more.
  waiting_.spans.reserve(sending_->spans.size());
  tries_ = 1;
  return sending_->spans;
}

void span_export::on_answer(int status, time_point now) {
  if (!sending_)
    return;
  works_ = status >= 200 && status < 300;
  if (works_) {
    sent_ += sending_->calls;
    sending_.reset();
  } else if (is_passing(status) && tries_ < tries_limit && !hurried_) {
    paused_until_ = now + std::min<std::chrono::seconds>(first_pause * (1 << (tries_ - 1)), longest_pause);
  } else {
    dropped_ += sending_->calls;
    sending_.reset();
  }
}

} // namespace hub
