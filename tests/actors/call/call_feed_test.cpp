#include "actors/call/call_feed.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace hub;

TEST_SUITE_BEGIN("call_feed");

namespace {

using list = record_pool::list;

open_call call_of(std::string params) {
  open_call call;
  call.server = "git";
  call.request.method = "tools/call";
  call.request.params = json_text{std::move(params)};
  return call;
}

/// Whom a list is about, to see how long it is held.
list list_of(const std::shared_ptr<const client_context>& client, size_t count = 3) {
  list result(count);
  for (auto& x : result)
    x.client = client;
  return result;
}

} // namespace

TEST_CASE("what observers are done with is freed when it is collected, and not before") {
  record_pool pool;
  auto client = std::make_shared<const client_context>();
  auto first = pool.share(list_of(client));
  auto second = first;
  first.reset();
  pool.collect();
  CHECK(pool.holds());
  CHECK(client.use_count() == 4);
  second.reset();
  CHECK(client.use_count() == 4);
  pool.collect();
  CHECK(client.use_count() == 1);
  CHECK_FALSE(pool.holds());
}

TEST_CASE("the room of a list is used again") {
  record_pool pool;
  auto records = list_of(nullptr, 100);
  auto* room = records.data();
  pool.share(std::move(records)).reset();
  auto next = pool.take();
  CHECK(next.empty());
  CHECK(next.capacity() >= 100);
  CHECK(next.data() == room);
}

TEST_CASE("no more empty lists are kept than have a use") {
  record_pool pool;
  std::vector<std::shared_ptr<const list>> shared;
  for (size_t i = 0; i < record_pool::most_spare + 5; ++i)
    shared.push_back(pool.share(list_of(nullptr)));
  shared.clear();
  size_t with_room = 0;
  for (size_t i = 0; i < record_pool::most_spare + 5; ++i)
    with_room += pool.take().capacity() > 0 ? 1 : 0;
  CHECK(with_room == record_pool::most_spare);
}

TEST_CASE("a list may outlive those who made it") {
  auto client = std::make_shared<const client_context>();
  std::shared_ptr<const list> shared;
  {
    record_pool pool;
    shared = pool.share(list_of(client));
  }
  CHECK(shared->at(2).client == client);
  shared.reset();
  CHECK(client.use_count() == 1);
}

TEST_CASE("lists come back from several threads at once, each of them once") {
  constexpr size_t rounds = 2000;
  record_pool pool;
  auto client = std::make_shared<const client_context>();
  std::vector<std::shared_ptr<const list>> lists;
  for (size_t i = 0; i < rounds; ++i)
    lists.push_back(pool.share(list_of(client, 1)));
  auto drop = [](std::vector<std::shared_ptr<const list>> held) { held.clear(); };
  {
    std::jthread a{drop, lists};
    std::jthread b{drop, lists};
    lists.clear();
    while (pool.holds())
      pool.collect();
  }
  CHECK(client.use_count() == 1);
}

TEST_CASE("records have their own params, whether these are copied or shared") {
  call_feed feed;
  std::vector<std::string> params{R"({"name":"a"})", "", std::string(call_feed::largest_copy, 'x'),
                                  std::string(call_feed::largest_copy + 1, 'y'), R"({"name":"b"})"};
  for (int turn = 0; turn < 2; ++turn) {
    for (auto& x : params)
      feed.note(call_of(x), {}, 1);
    auto records = feed.take();
    REQUIRE(records->size() == params.size());
    for (size_t i = 0; i < params.size(); ++i)
      CHECK(records->at(i).params.view() == params[i]);
    CHECK(feed.empty());
  }
}

TEST_CASE("small params do not hold the request that they came with") {
  call_feed feed;
  auto call = call_of(R"({"name":"a"})");
  auto* text = call.request.params.view().data();
  feed.note(call, {}, 1);
  CHECK(feed.take()->at(0).params.view().data() != text);
}

TEST_CASE("it is time to send when there are many records, or many bytes of params") {
  call_feed feed;
  for (size_t i = 1; i < call_feed::batch_size; ++i)
    CHECK_FALSE(feed.note(call_of("{}"), {}, 1));
  CHECK(feed.note(call_of("{}"), {}, 1));
  feed.take();
  CHECK_FALSE(feed.note(call_of("{}"), {}, 1));
  CHECK(feed.note(call_of(std::string(call_feed::batch_bytes, ' ')), {}, 1));
}
