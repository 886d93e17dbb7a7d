#include "actors/transport/write_queue.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <string>

using namespace hub;

TEST_SUITE_BEGIN("write_queue");

namespace {

/// What `gather` offers, as one text.
template <size_t Pieces>
std::string offered(const write_queue& queue) {
  std::array<iovec, Pieces> pieces;
  std::string result;
  for (size_t i = 0, n = queue.gather(pieces); i < n; ++i)
    result.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
  return result;
}

text_parts in_parts(std::initializer_list<const char*> parts) {
  text_parts result;
  for (auto part : parts)
    result.append(json_text{std::string{part}});
  return result;
}

} // namespace

TEST_CASE("each message is followed by a line feed") {
  write_queue queue;
  queue.push(in_parts({"{\"id\":", "1}"}));
  queue.push(in_parts({"{}"}));
  CHECK(queue.bytes() == 12);
  CHECK(offered<64>(queue) == "{\"id\":1}\n{}\n");
}

TEST_CASE("no more pieces are offered than there is room for") {
  write_queue queue;
  queue.push(in_parts({"ab", "cd"}));
  queue.push(in_parts({"ef"}));
  CHECK(offered<1>(queue) == "ab");
  CHECK(offered<3>(queue) == "abcd\n");
}

TEST_CASE("whatever is written at a time, the bytes come out in order") {
  std::mt19937 random{11};
  write_queue queue;
  std::string expected;
  std::string written;
  for (int i = 0; i < 2000; ++i) {
    if (i < 1000) {
      text_parts message;
      for (auto parts = random() % 4 + 1; parts > 0; --parts)
        message.append(json_text{std::string(random() % 20 + 1, static_cast<char>('a' + i % 26))});
      expected += message.to_string() + "\n";
      queue.push(std::move(message));
    }
    auto next = offered<5>(queue);
    auto count = next.empty() ? 0 : random() % (next.size() + 1);
    written += next.substr(0, count);
    queue.consume(count);
  }
  while (!queue.empty()) {
    auto next = offered<64>(queue);
    REQUIRE_FALSE(next.empty());
    written += next;
    queue.consume(next.size());
  }
  CHECK(written == expected);
  CHECK(queue.bytes() == 0);
}

TEST_CASE("a cleared queue begins anew") {
  write_queue queue;
  queue.push(in_parts({"abc"}));
  queue.consume(2);
  queue.clear();
  CHECK(queue.empty());
  queue.push(in_parts({"def"}));
  CHECK(offered<4>(queue) == "def\n");
}
