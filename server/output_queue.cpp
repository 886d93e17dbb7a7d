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
  auto size = head.size() + body.size() + tail.size();
  if (items_.empty())
    gone_ = sent;
  items_.push_back({std::string{head}, body, tail, size});
  bytes_ += size - sent;
}

size_t output_queue::gather(iovec (&pieces)[pieces_limit]) const noexcept {
  size_t count = 0;
  auto skip = gone_;
  for (auto i = first_; i < items_.size(); ++i) {
    auto& x = items_[i];
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
  if (bytes_ == 0)
    return clear();
  for (; gone_ >= items_[first_].size; ++first_) {
    gone_ -= items_[first_].size;
    items_[first_] = {};
  }
  // Half of them at a time, so that each is moved once at most.
  if (first_ > items_.size() / 2) {
    items_.erase(items_.begin(), items_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }
}

void output_queue::clear() noexcept {
  items_ = std::vector<item>{};
  first_ = 0;
  gone_ = 0;
  bytes_ = 0;
}

} // namespace hub
