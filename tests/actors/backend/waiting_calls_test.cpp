#include "actors/backend/waiting_calls.hpp"

#include <doctest/doctest.h>

#include <memory>

using namespace hub;

TEST_SUITE_BEGIN("waiting calls");

namespace {

struct line_up {
  std::shared_ptr<const client_context> eager = std::make_shared<client_context>();
  std::shared_ptr<const client_context> modest = std::make_shared<client_context>();
  waiting_calls line;

  void add(call_id call, const std::shared_ptr<const client_context>& client) {
    backend_request x;
    x.call = call;
    x.client = client;
    line.add(std::move(x));
  }
};

} // namespace

TEST_CASE_FIXTURE(line_up, "clients take turns, and each one's calls keep their order") {
  for (call_id call = 1; call <= 100; ++call)
    add(call, eager);
  add(101, modest);
  add(102, modest);
  std::vector<call_id> order;
  for (int i = 0; i < 5; ++i)
    order.push_back(line.next()->call);
  CHECK(order == std::vector<call_id>{1, 101, 2, 102, 3});
  CHECK(line.size() == 97);
}

TEST_CASE_FIXTURE(line_up, "a call that was taken back waits no more") {
  add(1, eager);
  add(2, modest);
  CHECK(line.remove(1));
  CHECK_FALSE(line.remove(1));
  CHECK(line.next()->call == 2);
  CHECK(line.empty());
  CHECK_FALSE(line.next());
}

TEST_CASE_FIXTURE(line_up, "there is a bound, and all can be taken out") {
  for (call_id call = 0; call < waiting_calls::limit; ++call)
    add(call, call % 2 == 0 ? eager : modest);
  CHECK(line.full());
  CHECK(line.clear().size() == waiting_calls::limit);
  CHECK(line.empty());
}
