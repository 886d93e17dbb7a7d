#include "actors/transport/http/http_client.hpp"

#include "tests/support/live_system.hpp"
#include "tests/support/loopback_server.hpp"

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("http_client");

namespace {

/// A client on a real shard.
struct client_stage {
  live_system world;
  shard& home = shard_of(world.system);
  http_client_settings settings;
  std::unique_ptr<http_client> client;

  ~client_stage() {
    on(home, [this] { client.reset(); });
  }

  std::future<fetch_result> begin(fetch_request request, size_t max_body = 1 << 20) {
    auto told = std::make_shared<std::promise<fetch_result>>();
    auto result = told->get_future();
    on(home, [&] {
      if (!client)
        client = std::make_unique<http_client>(home, settings);
      http_fetch(*client, std::move(request), [told](fetch_result x) { told->set_value(std::move(x)); }, max_body);
    });
    return result;
  }

  fetch_result ask(fetch_request request, size_t max_body = 1 << 20) {
    return await(begin(std::move(request), max_body));
  }

  fetch_response good(fetch_request request) {
    auto result = ask(std::move(request));
    if (auto* why = std::get_if<fetch_failure>(&result))
      FAIL(why->cause);
    return std::get<fetch_response>(std::move(result));
  }

  fetch_failure bad(fetch_request request, size_t max_body = 1 << 20) {
    auto result = ask(std::move(request), max_body);
    REQUIRE(std::holds_alternative<fetch_failure>(result));
    auto why = std::get<fetch_failure>(std::move(result));
    CHECK_FALSE(why.cause.empty());
    CHECK_FALSE(why.fix.empty());
    return why;
  }
};

fetch_request get(std::string url) {
  fetch_request result;
  result.url = std::move(url);
  return result;
}

fetch_request post(std::string url, std::string body) {
  fetch_request result;
  result.method = "POST";
  result.url = std::move(url);
  result.body = text_parts{json_text{std::move(body)}};
  return result;
}

} // namespace

TEST_CASE_FIXTURE(client_stage, "one connection serves requests that follow each other") {
  loopback_server server{each_request([](auto& peer, auto& request) {
    peer.answer(200, "text/plain", request.body + request.header("X-One"));
  })};
  for (auto text : {"first", "second", "third"}) {
    auto request = post(server.url(), text);
    request.headers = {{"X-One", "!"}};
    auto response = good(std::move(request));
    CHECK(response.head.status == 200);
    CHECK(response.head.media_type() == "text/plain");
    CHECK(response.body == std::string{text} + "!");
  }
  CHECK(server.accepted() == 1);
}

TEST_CASE_FIXTURE(client_stage, "requests beyond the bound of connections wait for one") {
  settings.connections = 2;
  std::atomic<int> at_once{0};
  std::atomic<int> most{0};
  loopback_server server{each_request([&](auto& peer, auto& request) {
    auto now = ++at_once;
    for (auto seen = most.load(); now > seen && !most.compare_exchange_weak(seen, now);)
      ;
    --at_once;
    peer.answer(200, "text/plain", request.body);
  })};
  std::vector<std::future<fetch_result>> all;
  for (int i = 0; i < 50; ++i)
    all.push_back(begin(post(server.url(), std::to_string(i))));
  for (int i = 0; i < 50; ++i)
    CHECK(std::get<fetch_response>(await(std::move(all[static_cast<size_t>(i)]))).body == std::to_string(i));
  CHECK(most <= 2);
  CHECK(server.accepted() == 2);
}

TEST_CASE_FIXTURE(client_stage, "a line that is full refuses further requests") {
  settings.connections = 1;
  settings.waiting = 1;
  loopback_server server{[](auto& peer) { peer.wait_closed(); }};
  auto first = begin(get(server.url()));
  auto second = begin(get(server.url()));
  CHECK(bad(get(server.url())).what == fetch_failure::kind::overloaded);
}

TEST_CASE_FIXTURE(client_stage, "megabytes go out and come back") {
  loopback_server server{each_request([](auto& peer, auto& request) { peer.answer(200, "text/plain", request.body); })};
  std::string big(9'000'000, 'x');
  big[4'500'000] = 'y';
  auto result = ask(post(server.url(), big), 10'000'000);
  CHECK(std::get<fetch_response>(result).body == big);
  CHECK(bad(post(server.url(), big), 1'000'000).what == fetch_failure::kind::too_large);
}

TEST_CASE_FIXTURE(client_stage, "a chunked answer comes whole, byte by byte and after an interim one") {
  loopback_server server{each_request([](auto& peer, auto&) {
    std::string answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nX-T: 1\r\n\r\n";
    for (auto c : answer)
      peer.say({&c, 1});
  })};
  CHECK(good(get(server.url())).body == "hello, world");
  CHECK(good(get(server.url())).body == "hello, world");
  CHECK(server.accepted() == 1);
}

TEST_CASE_FIXTURE(client_stage, "what ends in the middle is broken, and what has no length ends with the connection") {
  loopback_server server{[](loopback_peer& peer) {
    auto request = peer.read();
    if (request && request->says("/interim"))
      peer.say("HTTP/1.1 100 Continue\r\n\r\n");
    else if (request && request->says("/endless"))
      for (int i = 0; i < 100; ++i)
        peer.say("HTTP/1.1 100 Continue\r\n\r\n");
    else if (request && request->says("/cut"))
      peer.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    else
      peer.say("HTTP/1.1 200 OK\r\n\r\nabc");
  }};
  for (auto target : {"/cut", "/interim", "/endless"})
    CHECK(bad(get(server.url(target))).what == fetch_failure::kind::broken);
  CHECK(good(get(server.url("/all"))).body == "abc");
}

TEST_CASE_FIXTURE(client_stage, "garbage and heads without end are refused") {
  loopback_server server{[](loopback_peer& peer) {
    auto request = peer.read();
    if (request && request->says("/garbage"))
      peer.say("SSH-2.0-OpenSSH\r\n\r\n");
    else
      peer.say("HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x'));
    peer.wait_closed();
  }};
  CHECK(bad(get(server.url("/garbage"))).what == fetch_failure::kind::broken);
  CHECK(bad(get(server.url("/long"))).what == fetch_failure::kind::too_large);
}

TEST_CASE_FIXTURE(client_stage, "a server that does not answer in time is given up") {
  loopback_server server{[](auto& peer) { peer.wait_closed(); }};
  auto request = get(server.url());
  request.limit = std::chrono::milliseconds{100};
  auto why = bad(std::move(request));
  CHECK(why.what == fetch_failure::kind::late);
  CHECK(why.cause == "did not answer within 0.1 s");
}

TEST_CASE_FIXTURE(client_stage, "nobody at the port, no such name, and no URL are told apart") {
  uint16_t port = 0;
  {
    loopback_server gone{[](auto&) {}};
    port = gone.port();
  }
  auto place = "127.0.0.1:" + std::to_string(port);
  auto refused = bad(get("http://" + place + "/"));
  CHECK(refused.what == fetch_failure::kind::unreachable);
  CHECK(refused.cause == "refused the connection at " + place);
  CHECK(refused.unsent);
  auto nowhere = bad(get("http://nothing.invalid/"));
  CHECK(nowhere.what == fetch_failure::kind::unreachable);
  CHECK(nowhere.cause.starts_with("cannot be found: nothing.invalid"));
  CHECK(bad(get("ftp://example.org/")).what == fetch_failure::kind::bad_request);
  auto split = get("http://" + place);
  split.headers = {{"X", "a\r\nB: c"}};
  CHECK(bad(std::move(split)).what == fetch_failure::kind::bad_request);
}

TEST_CASE_FIXTURE(client_stage, "a kept connection that has died is replaced, but a message is not sent twice unasked") {
  std::atomic<int> requests{0};
  loopback_server server{[&](loopback_peer& peer) {
    if (peer.read())
      peer.answer(200, "text/plain", std::to_string(++requests));
    // The second request is read, and the connection closed without an answer.
    if (peer.read())
      ++requests;
  }};
  CHECK(good(get(server.url())).body == "1");
  CHECK(good(get(server.url())).body == "3");
  CHECK(bad(post(server.url(), "x")).what == fetch_failure::kind::broken);
  CHECK(requests == 4);
  CHECK(good(get(server.url())).body == "5");
  auto again = post(server.url(), "x");
  again.repeatable = true;
  CHECK(good(std::move(again)).body == "7");
}

TEST_CASE_FIXTURE(client_stage, "redirects are followed, and what is for one origin stays there") {
  loopback_server other{each_request([](auto& peer, auto& request) {
    peer.answer(200, "text/plain", request.header("Authorization") + "|" + request.header("X-Plain") + "|" + request.body);
  })};
  loopback_server server{each_request([&](auto& peer, auto& request) {
    if (request.says("/away"))
      peer.answer(307, "text/plain", "moved", "Location: " + other.url("/x") + "\r\n");
    else if (request.says("/here"))
      peer.answer(308, "text/plain", "moved", "Location: there?x=1\r\n");
    else if (request.says("/old"))
      peer.answer(301, "text/plain", "", "Location: /there?x=1\r\n");
    else if (request.says("/circle"))
      peer.answer(302, "text/plain", "", "Location: /circle\r\n");
    else
      peer.answer(200, "text/plain", request.head.substr(0, request.head.find(' ', 5)) + "|" + request.header("Authorization"));
  })};
  auto ask = [&](fetch_request request) {
    request.origin_headers = {{"Authorization", "Bearer 1"}};
    request.headers = {{"X-Plain", "p"}};
    return request;
  };
  CHECK(good(ask(post(server.url("/away"), "text"))).body == "|p|text");
  auto here = good(ask(post(server.url("/here"), "text")));
  CHECK(here.body == "POST /there?x=1|Bearer 1");
  CHECK(here.head.url == server.url("/there?x=1"));
  CHECK(good(ask(get(server.url("/old")))).body == "GET /there?x=1|Bearer 1");
  CHECK(bad(ask(post(server.url("/old"), "text"))).what == fetch_failure::kind::redirected);
  CHECK(bad(ask(get(server.url("/circle")))).what == fetch_failure::kind::redirected);
}

TEST_CASE_FIXTURE(client_stage, "a proxy gets the whole URL and its password, loopback is spared unless the setting says so") {
  loopback_server proxy{each_request([](auto& peer, auto& request) {
    peer.answer(200, "text/plain",
                request.head.substr(0, request.head.find(" HTTP")) + "|" + request.header("Proxy-Authorization"));
  })};
  auto where = "http://me:secret@127.0.0.1:" + std::to_string(proxy.port());
  SUBCASE("from the environment") {
    settings.proxy.http = where;
    CHECK(good(get("http://example.invalid/a?b")).body == "GET http://example.invalid/a?b|Basic bWU6c2VjcmV0");
    loopback_server direct{each_request([](auto& peer, auto&) { peer.answer(200, "text/plain", "direct"); })};
    CHECK(good(get(direct.url())).body == "direct");
  }
  SUBCASE("from the setting") {
    settings.proxy.always = where;
    CHECK(good(get("http://127.0.0.1:9/a")).body == "GET http://127.0.0.1:9/a|Basic bWU6c2VjcmV0");
  }
}

TEST_CASE_FIXTURE(client_stage, "a proxy that refuses the tunnel for https is named with its status") {
  loopback_server proxy{each_request([](auto& peer, auto&) { peer.answer(407, "text/plain", "no"); })};
  settings.proxy.https = proxy.url("");
  auto why = bad(get("https://example.invalid/"));
  CHECK(why.what == fetch_failure::kind::proxy);
  CHECK(why.cause.find("HTTP status 407") != std::string::npos);
}

TEST_CASE_FIXTURE(client_stage, "an address that is not public is refused where that is asked for") {
  loopback_server server{each_request([](auto& peer, auto&) { peer.answer(200, "text/plain", "inside"); })};
  CHECK(good(get(server.url())).body == "inside");
  auto request = get(server.url());
  request.public_only = true;
  CHECK(bad(std::move(request)).what == fetch_failure::kind::unreachable);
}

TEST_CASE_FIXTURE(client_stage, "an idle connection is closed in time, sooner if the server wants to close it") {
  std::promise<void> closed;
  std::string header;
  auto quick = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  SUBCASE("by the client's own limit") {
    settings.idle_limit = std::chrono::milliseconds{50};
  }
  SUBCASE("by what the server says") {
    header = "Keep-Alive: timeout=1, max=100\r\n";
  }
  loopback_server server{[&](loopback_peer& peer) {
    if (peer.read())
      peer.answer(200, "text/plain", "kept", header);
    peer.wait_closed();
    closed.set_value();
  }};
  CHECK(good(get(server.url())).body == "kept");
  await(closed.get_future());
  CHECK(std::chrono::steady_clock::now() < quick);
  CHECK(on(home, [&] { return client->connections(); }) == 0);
}

TEST_CASE_FIXTURE(client_stage, "a client that ends closes what it has and calls nobody") {
  std::promise<void> begun;
  std::promise<void> closed;
  loopback_server server{[&](loopback_peer& peer) {
    if (peer.read())
      begun.set_value();
    peer.wait_closed();
    closed.set_value();
  }};
  auto answer = begin(get(server.url()));
  await(begun.get_future());
  on(home, [&] { client.reset(); });
  await(closed.get_future());
  // What it was to be told by is gone without a word.
  CHECK_THROWS_AS(await(std::move(answer)), std::future_error);
}

TEST_CASE_FIXTURE(client_stage, "cancelling a request closes its connection") {
  std::promise<void> closed;
  std::promise<void> begun;
  loopback_server server{[&](loopback_peer& peer) {
    if (peer.read())
      begun.set_value();
    peer.wait_closed();
    closed.set_value();
  }};
  fetch_id id = 0;
  on(home, [&] {
    client = std::make_unique<http_client>(home, settings);
    id = http_fetch(*client, get(server.url()), [](fetch_result) { FAIL("it was cancelled"); });
  });
  await(begun.get_future());
  on(home, [&] { client->cancel(id); });
  await(closed.get_future());
  CHECK(on(home, [&] { return client->open() + client->connections(); }) == 0);
}
