#include "server/resumable_stream.hpp"

#include <charconv>
#include <utility>

namespace hub {

std::optional<stream_position> read_event_id(std::string_view id) {
  stream_position result;
  auto hyphen = id.rfind('-');
  if (hyphen == std::string_view::npos || hyphen < 2 || (id[0] != 'g' && id[0] != 'p'))
    return std::nullopt;
  result.of_session = id[0] == 'g';
  result.stream = id.substr(1, hyphen - 1);
  auto number = id.substr(hyphen + 1);
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), result.seen);
  if (error != std::errc{} || end != number.data() + number.size())
    return std::nullopt;
  return result;
}

resumable_stream::resumable_stream(std::string name, bool of_session)
  : name_(std::move(name)), of_session_(of_session) {
  // nop
}

std::string resumable_stream::id_of(uint64_t number) const {
  return (of_session_ ? "g" : "p") + name_ + "-" + std::to_string(number);
}

void resumable_stream::take_over(stream_viewer& who) {
  if (auto before = std::exchange(viewer_, &who); before && before != &who)
    before->let_go();
}

void resumable_stream::attach(stream_viewer& who, uint64_t seen) {
  take_over(who);
  log_.for_each_after(seen, [&](uint64_t number, const text_parts& message) {
    who.show(id_of(number), message);
  });
  if (!log_.finished())
    return;
  viewer_ = nullptr;
  static const text_parts nothing;
  delivered_ = who.show_last(id_of(log_.last()), log_.last() > seen ? log_.answer() : nothing);
}

void resumable_stream::attach_primed(stream_viewer& who) {
  take_over(who);
  who.show_priming(id_of(log_.last()));
}

void resumable_stream::detach(const stream_viewer& who, uint32_t now) noexcept {
  if (viewer_ != &who)
    return;
  viewer_ = nullptr;
  alone_since_ = now;
}

bool resumable_stream::say(const text_parts& message) {
  auto number = log_.append(message);
  return !viewer_ || viewer_->show(id_of(number), message);
}

void resumable_stream::end(const text_parts& answer, uint32_t now) {
  auto number = log_.finish(answer);
  on_forgotten = nullptr;
  alone_since_ = now;
  if (auto viewer = std::exchange(viewer_, nullptr))
    delivered_ = viewer->show_last(id_of(number), answer);
}

} // namespace hub
