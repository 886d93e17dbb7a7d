#include "actors/supervisor/start_queue.hpp"

#include <algorithm>

namespace hub {

start_queue::start_queue(size_t limit) : limit_(std::max<size_t>(limit, 1)) {
  // nop
}

void start_queue::add(size_t server, urgency why) {
  auto waits_in = [server](const std::deque<size_t>& queue) {
    return std::find(queue.begin(), queue.end(), server) != queue.end();
  };
  if (waits_in(callers_) || (why == urgency::background && waits_in(background_)))
    return;
  std::erase(background_, server);
  (why == urgency::caller ? callers_ : background_).push_back(server);
}

void start_queue::remove(size_t server) {
  std::erase(callers_, server);
  std::erase(background_, server);
}

std::optional<size_t> start_queue::next() {
  auto take = [this](std::deque<size_t>& queue, urgency why) {
    auto server = queue.front();
    queue.pop_front();
    starting_.push_back({server, why});
    return server;
  };
  if (starting_.size() >= limit_)
    return std::nullopt;
  if (!callers_.empty())
    return take(callers_, urgency::caller);
  auto quiet = std::count_if(starting_.begin(), starting_.end(),
                             [](const place& x) { return x.why == urgency::background; });
  auto room = std::max<size_t>(1, limit_ - 1);
  if (background_.empty() || static_cast<size_t>(quiet) >= room)
    return std::nullopt;
  return take(background_, urgency::background);
}

void start_queue::finished(size_t server) {
  std::erase_if(starting_, [server](const place& x) { return x.server == server; });
}

} // namespace hub
