#include "actors/transport/write_queue.hpp"

#include <utility>

namespace hub {

void write_queue::push(text_parts message) {
  auto size = message.size() + 1;
  bytes_ += size;
  messages_.push_back({std::move(message), size});
}

size_t write_queue::gather(std::span<iovec> pieces) const noexcept {
  size_t count = 0;
  auto skip = written_;
  auto add = [&](std::string_view text) {
    if (skip >= text.size()) {
      skip -= text.size();
    } else if (count < pieces.size()) {
      // writev does not write to its pieces; its type only cannot say so.
      auto begin = const_cast<char*>(text.data()) + skip;
      pieces[count++] = {begin, text.size() - std::exchange(skip, 0)};
    }
  };
  for (auto& [message, size] : messages_) {
    if (count == pieces.size())
      break;
    message.for_each(add);
    add("\n");
  }
  return count;
}

void write_queue::consume(size_t count) noexcept {
  bytes_ -= count;
  written_ += count;
  while (!messages_.empty() && written_ >= messages_.front().size) {
    written_ -= messages_.front().size;
    messages_.pop_front();
  }
}

void write_queue::clear() noexcept {
  messages_.clear();
  written_ = 0;
  bytes_ = 0;
}

} // namespace hub
