#include "actors/supervisor/start_queue.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace hub;

TEST_SUITE_BEGIN("start_queue");

namespace {

std::vector<size_t> all_next(start_queue& queue) {
  std::vector<size_t> result;
  while (auto server = queue.next())
    result.push_back(*server);
  return result;
}

using places = std::vector<size_t>;

} // namespace

TEST_CASE("no more than the limit start at a time, in order") {
  start_queue queue{2};
  for (size_t i = 0; i < 4; ++i)
    queue.add(i, urgency::caller);
  CHECK(all_next(queue) == places{0, 1});
  CHECK(queue.starting() == 2);
  CHECK(queue.waiting() == 2);
  queue.finished(1);
  CHECK(all_next(queue) == places{2});
  queue.finished(0);
  queue.finished(2);
  CHECK(all_next(queue) == places{3});
}

TEST_CASE("callers go before the background") {
  start_queue queue{1};
  queue.add(0, urgency::background);
  queue.add(1, urgency::caller);
  CHECK(all_next(queue) == places{1});
}

TEST_CASE("one place is kept free for callers") {
  start_queue queue{3};
  for (size_t i = 0; i < 5; ++i)
    queue.add(i, urgency::background);
  CHECK(all_next(queue) == places{0, 1});
  queue.add(9, urgency::caller);
  CHECK(all_next(queue) == places{9});
}

TEST_CASE("with one place the background starts as well") {
  start_queue queue{1};
  queue.add(0, urgency::background);
  CHECK(all_next(queue) == places{0});
}

TEST_CASE("a server waits once, and moves up when a call needs it") {
  start_queue queue{1};
  queue.add(7, urgency::caller);
  queue.add(0, urgency::background);
  queue.add(1, urgency::background);
  queue.add(1, urgency::background);
  queue.add(1, urgency::caller);
  queue.add(1, urgency::background);
  CHECK(queue.waiting() == 3);
  CHECK(all_next(queue) == places{7});
  queue.finished(7);
  CHECK(all_next(queue) == places{1});
  queue.finished(1);
  CHECK(all_next(queue) == places{0});
}

TEST_CASE("a server that is no longer wanted leaves the queue") {
  start_queue queue{1};
  queue.add(0, urgency::caller);
  queue.add(1, urgency::background);
  queue.remove(0);
  queue.remove(1);
  CHECK(all_next(queue).empty());
}

TEST_CASE("the end of a start is counted once") {
  start_queue queue{1};
  queue.add(0, urgency::caller);
  queue.add(1, urgency::caller);
  queue.add(2, urgency::caller);
  all_next(queue);
  queue.finished(0);
  queue.finished(0);
  CHECK(all_next(queue) == places{1});
}
