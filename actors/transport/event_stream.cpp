#include "actors/transport/event_stream.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace hub {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

constexpr int64_t max_retry_ms = 3'600'000;

/// Longer ones are no ids but an attack on our headers.
constexpr size_t max_id = 8 * 1024;

size_t find_line_end(std::string_view bytes) noexcept {
  // Two searches for one character are faster than one for two of them.
  auto feed = std::min(bytes.find('\n'), bytes.size());
  return std::min(bytes.substr(0, feed).find('\r'), feed);
}

} // namespace

bool event_stream_parser::feed(std::string_view bytes, std::vector<arrived_event>& events) {
  while (!bytes.empty() && !too_large_) {
    if (std::exchange(after_return_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    auto end = find_line_end(bytes);
    if (line_.size() + end + data_.size() > max_event_ + 16) {
      too_large_ = true;
      break;
    }
    if (end == bytes.size()) {
      line_ += bytes;
      break;
    }
    auto rest = bytes.substr(end + 1);
    after_return_ = bytes[end] == '\r';
    if (line_.empty()) {
      take_line(bytes.substr(0, end), events);
    } else {
      line_ += bytes.substr(0, end);
      take_line(line_, events);
      line_.clear();
    }
    bytes = rest;
  }
  return !too_large_;
}

void event_stream_parser::restart() {
  line_.clear();
  type_.clear();
  data_.clear();
  has_data_ = false;
  next_id_ = last_id_;
  after_return_ = false;
  at_start_ = true;
}

void event_stream_parser::take_line(std::string_view line, std::vector<arrived_event>& events) {
  if (std::exchange(at_start_, false) && line.starts_with(byte_order_mark))
    line.remove_prefix(byte_order_mark.size());
  if (line.empty())
    return dispatch(events);
  auto colon = line.find(':');
  if (colon == 0)
    return;
  auto name = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' '))
    value.remove_prefix(1);
  take_field(name, value);
}

void event_stream_parser::take_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (std::exchange(has_data_, true))
      data_ += '\n';
    data_ += value;
  } else if (name == "event") {
    type_ = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos && value.size() <= max_id)
      next_id_ = value;
  } else if (name == "retry" && !value.empty()) {
    int64_t number = 0;
    for (auto c : value) {
      if (c < '0' || c > '9')
        return;
      number = std::min(number * 10 + (c - '0'), max_retry_ms);
    }
    retry_ = std::chrono::milliseconds{number};
  }
}

void event_stream_parser::dispatch(std::vector<arrived_event>& events) {
  last_id_ = next_id_;
  auto type = std::exchange(type_, {});
  auto data = std::exchange(data_, {});
  has_data_ = false;
  if (!data.empty())
    events.push_back({type.empty() ? "message" : std::move(type), std::move(data)});
}

} // namespace hub
