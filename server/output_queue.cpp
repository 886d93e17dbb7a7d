#include "server/output_queue.hpp"

#include <algorithm>

namespace hub {

size_t gather_texts(iovec (&pieces)[output_queue::pieces_limit], size_t count,
                    std::string_view head, const text_parts& body, std::string_view tail,
                    size_t skip) noexcept {
  auto add = [&](std::string_view text) {
    auto hidden = std::min(skip, text.size());
    skip -= hidden;
    text.remove_prefix(hidden);
    if (!text.empty() && count < output_queue::pieces_limit)
      pieces[count++] = {const_cast<char*>(text.data()), text.size()};
  };
  add(head);
  body.for_each(add);
  add(tail);
  return count;
}

void output_queue::push(std::string_view head, const text_parts& body, std::string_view tail,
                        size_t sent) {
  if (!items_)
    items_ = std::make_unique<std::deque<item>>();
  auto size = head.size() + body.size() + tail.size();
  if (items_->empty())
    gone_ = sent;
  items_->push_back({std::string{head}, body, tail, size});
  bytes_ += size - sent;
}

size_t output_queue::gather(iovec (&pieces)[pieces_limit]) const noexcept {
  size_t count = 0;
  if (!items_)
    return count;
  auto skip = gone_;
  for (auto& x : *items_) {
    count = gather_texts(pieces, count, x.head, x.body, x.tail, skip);
    skip = 0;
    if (count == pieces_limit)
      break;
  }
  return count;
}

void output_queue::pop(size_t count) {
  bytes_ -= count;
  gone_ += count;
  while (items_ && !items_->empty() && gone_ >= items_->front().size) {
    gone_ -= items_->front().size;
    items_->pop_front();
  }
  if (bytes_ == 0)
    clear();
}

void output_queue::clear() noexcept {
  items_.reset();
  gone_ = 0;
  bytes_ = 0;
}

} // namespace hub
