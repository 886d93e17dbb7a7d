#include "server/output_queue.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace hub;

namespace {

std::string gathered(const output_queue& queue) {
  iovec pieces[output_queue::pieces_limit];
  auto count = queue.gather(pieces);
  std::string result;
  for (size_t i = 0; i < count; ++i)
    result.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
  return result;
}

} // namespace

TEST_CASE("what was sent before is left out") {
  output_queue queue;
  text_parts body{json_text{std::string{"body"}}};
  body.append(json_text{std::string{"more"}});
  queue.push("head", body, "tail", 6);
  CHECK(queue.bytes() == 10);
  CHECK(gathered(queue) == "dymoretail");
}

TEST_CASE("bytes leave in order whatever pieces the client takes") {
  std::mt19937 random{7};
  output_queue queue;
  std::string expected;
  std::string taken;
  for (auto round = 0; round < 2000; ++round) {
    auto head = std::to_string(round) + ":";
    text_parts body{json_text{std::string(random() % 50, 'x')}};
    queue.push(head, body, "\r\n", 0);
    expected += head + body.to_string() + "\r\n";
    auto next = gathered(queue);
    auto count = random() % (next.size() + 1);
    taken += next.substr(0, count);
    queue.pop(count);
  }
  while (!queue.empty()) {
    auto next = gathered(queue);
    taken += next;
    queue.pop(next.size());
  }
  CHECK(taken == expected);
  CHECK(queue.bytes() == 0);
}
