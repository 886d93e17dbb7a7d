#include "actors/slm/slm_link.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("slm link");

namespace {

constexpr auto fresh_health = R"({"status":"ok","version":"4.1.18","service":"superlocalmemory-daemon","instance_id":"one","active_profile":"p"})";
constexpr auto old_health = R"({"status":"ok","engine":"initialized","version":"3.4.14"})";
constexpr auto fresh_token = R"({"token":"aaaaaaaaaaaaaaaa"})";

slm_answer done(std::string body) {
  return read_slm_answer(200, std::move(body), "", "");
}

slm_answer code(int status) {
  return read_slm_answer(status, "{}", "", "");
}

slm_answer nothing() {
  slm_answer x;
  x.cause = "refused the connection";
  return x;
}

/// A link, and what it wants.
struct world {
  slm_link link{"", ""};
  slm_link::time now{100h};
  slm_link::output out;
  uint64_t numbers = 100;
  std::string file_token{};

  void start(std::string health = fresh_health) {
    link.found({"http://127.0.0.1:8765", true, file_token, ""}, now, out);
    link.check(now, out);
    answer("/health", done(std::move(health)));
  }

  /// Starts, with the key as the daemon gives it.
  void start_with_key() {
    start();
    answer("/status", done(R"({"mode":"a","fact_count":7})"));
    answer("/internal/token", done(fresh_token));
  }

  bool wants(std::string_view target) const {
    return std::ranges::any_of(out.outgoing, [&](auto& x) { return x.request.target == target; });
  }

  std::string key_of(std::string_view target) const {
    for (auto& x : out.outgoing)
      if (x.request.target == target)
        return x.headers.empty() ? "none" : x.headers[0].second;
    return "not sent";
  }

  /// The daemon answers the oldest request to `target`.
  void answer(std::string_view target, slm_answer x) {
    auto i = std::ranges::find_if(out.outgoing, [&](auto& y) { return y.request.target == target; });
    REQUIRE_MESSAGE(i != out.outgoing.end(), "nothing was sent to " << target);
    auto number = i->number;
    out.outgoing.erase(i);
    link.answered(number, std::move(x), now, out);
  }

  uint64_t ask(slm_request request, bool spare = false) {
    link.ask(++numbers, {std::move(request), spare}, now, out);
    return numbers;
  }

  slm_request mesh() const {
    return {"GET", "/mesh/peers", {}, true};
  }

  slm_request event() const {
    return {"POST", "/api/v3/tool-event", "{}"};
  }

  /// What became of a question; `nullptr` if nothing did.
  const slm_answer* answer_to(uint64_t number) const {
    for (auto& [n, x] : out.answers)
      if (n == number)
        return &x;
    return nullptr;
  }
};

} // namespace

TEST_CASE_FIXTURE(world, "a daemon that answers is there, with version, mode and facts") {
  CHECK(link.state().presence == slm_presence::unknown);
  CHECK(answer_to(ask(event()))->outcome == slm_outcome::unreachable);
  start_with_key();
  CHECK(link.state().presence == slm_presence::present);
  CHECK(link.state().version == "4.1.18");
  CHECK(link.state().mode == "a");
  CHECK(link.state().facts == 7);
  CHECK(link.state().life == 1);
  CHECK(out.changed);
  CHECK(link.check_at() == now + slm_link::between_checks);
}

TEST_CASE_FIXTURE(world, "a daemon that is away is looked for ever less often, and its return is a new life") {
  start_with_key();
  for (auto pause : {1s, 2s, 4s}) {
    now = *link.check_at();
    link.check(now, out);
    CHECK_FALSE(link.check_at());
    answer("/health", nothing());
    CHECK(link.state().presence == slm_presence::away);
    CHECK(link.state().cause == "refused the connection");
    CHECK(link.check_at() == now + pause);
    CHECK(link.wants_place());
  }
  CHECK(answer_to(ask(event()))->cause == "refused the connection");
  now = *link.check_at();
  link.check(now, out);
  answer("/health", done(fresh_health));
  CHECK(link.state().presence == slm_presence::present);
  CHECK(link.state().life == 2);
}

TEST_CASE_FIXTURE(world, "a daemon that was started anew between two checks is a new life, too") {
  start_with_key();
  now = *link.check_at();
  out.changed = false;
  link.check(now, out);
  answer("/health", done(fresh_health));
  CHECK_FALSE(out.changed);
  CHECK(link.state().life == 1);
  now = *link.check_at();
  link.check(now, out);
  answer("/health", done(R"({"version":"4.1.18","service":"superlocalmemory-daemon","instance_id":"two"})"));
  CHECK(out.changed);
  CHECK(link.state().life == 2);
  CHECK(wants("/internal/token"));
}

TEST_CASE_FIXTURE(world, "something else at the port is told from the daemon, and gets nothing") {
  start(R"({"status":"ok","version":"2.0","service":"grocer"})");
  CHECK(link.state().presence == slm_presence::foreign);
  CHECK_FALSE(wants("/internal/token"));
  CHECK_FALSE(wants("/status"));
  CHECK(answer_to(ask(event()))->outcome == slm_outcome::unreachable);
  for (auto status : {404, 422}) {
    now = *link.check_at();
    link.check(now, out);
    answer("/health", code(status));
    CHECK(link.state().presence == slm_presence::foreign);
  }
  now = *link.check_at();
  link.check(now, out);
  answer("/health", code(500));
  CHECK(link.state().presence == slm_presence::away);
}

TEST_CASE_FIXTURE(world, "a request that gets no answer means that the daemon is away") {
  start_with_key();
  auto first = ask(event());
  auto second = ask(event());
  answer("/api/v3/tool-event", nothing());
  CHECK(answer_to(first)->outcome == slm_outcome::unreachable);
  CHECK(link.state().presence == slm_presence::away);
  CHECK(link.check_at() == now + 1s);
  // Another that fails with it says nothing new.
  answer("/api/v3/tool-event", nothing());
  CHECK(answer_to(second)->outcome == slm_outcome::unreachable);
  CHECK(link.check_at() == now + 1s);
  CHECK(link.open() == 0);
}

TEST_CASE_FIXTURE(world, "the mesh is shown the key, tool events are not") {
  start();
  // The key is on its way.
  ask(mesh());
  CHECK_FALSE(wants("/mesh/peers"));
  answer("/internal/token", done(fresh_token));
  CHECK(key_of("/mesh/peers") == "aaaaaaaaaaaaaaaa");
  ask(event());
  CHECK(key_of("/api/v3/tool-event") == "none");
}

TEST_CASE_FIXTURE(world, "a release without keys is not asked for one") {
  start(old_health);
  CHECK_FALSE(wants("/internal/token"));
  ask(mesh());
  CHECK(key_of("/mesh/peers") == "none");
}

TEST_CASE_FIXTURE(world, "a key that counts no more is got anew, once") {
  start_with_key();
  now += 1min;
  auto number = ask(mesh());
  answer("/mesh/peers", code(403));
  CHECK_FALSE(answer_to(number));
  answer("/internal/token", done(R"({"token":"bbbbbbbbbbbbbbbb"})"));
  CHECK(key_of("/mesh/peers") == "bbbbbbbbbbbbbbbb");
  answer("/mesh/peers", done("{}"));
  CHECK(answer_to(number)->outcome == slm_outcome::done);

  auto again = ask(mesh());
  answer("/mesh/peers", code(403));
  // It was got just now.
  CHECK_FALSE(wants("/internal/token"));
  CHECK(answer_to(again)->outcome == slm_outcome::unauthorized);
}

TEST_CASE_FIXTURE(world, "a request is sent twice at most, whatever the daemon says of keys") {
  start_with_key();
  now += 1min;
  auto number = ask(mesh());
  answer("/mesh/peers", code(403));
  answer("/internal/token", done(R"({"token":"bbbbbbbbbbbbbbbb"})"));
  answer("/mesh/peers", code(403));
  CHECK(answer_to(number)->outcome == slm_outcome::unauthorized);
  CHECK(link.state().presence == slm_presence::present);
  CHECK(link.open() == 0);
}

TEST_CASE_FIXTURE(world, "a daemon that wants a key for everything gets it") {
  start_with_key();
  auto number = ask(event());
  answer("/api/v3/tool-event", code(401));
  CHECK(key_of("/api/v3/tool-event") == "aaaaaaaaaaaaaaaa");
  answer("/api/v3/tool-event", done(R"({"ok":true})"));
  CHECK(answer_to(number)->outcome == slm_outcome::done);
  ask(event());
  CHECK(key_of("/api/v3/tool-event") == "aaaaaaaaaaaaaaaa");
}

TEST_CASE("without a key of the daemon's the one in its file is shown, and without any none") {
  world x;
  x.file_token = "cccccccccccccccc";
  x.start();
  x.answer("/internal/token", code(500));
  x.ask(x.mesh());
  CHECK(x.key_of("/mesh/peers") == "cccccccccccccccc");
  world y;
  y.start();
  auto number = y.ask(y.mesh());
  y.answer("/internal/token", code(404));
  CHECK(y.key_of("/mesh/peers") == "none");
  y.answer("/mesh/peers", code(403));
  CHECK(y.answer_to(number)->outcome == slm_outcome::unauthorized);
}

TEST_CASE("a key of the environment is shown in place of all others") {
  world x;
  x.link = slm_link{"eeeeeeeeeeeeeeee", ""};
  x.start();
  CHECK_FALSE(x.wants("/internal/token"));
  auto number = x.ask(x.mesh());
  CHECK(x.key_of("/mesh/peers") == "eeeeeeeeeeeeeeee");
  x.answer("/mesh/peers", code(403));
  CHECK(x.answer_to(number)->outcome == slm_outcome::unauthorized);
}

TEST_CASE_FIXTURE(world, "what waits for a key is answered when the daemon dies") {
  start();
  auto number = ask(mesh());
  answer("/internal/token", nothing());
  // It is tried without one, which finds out.
  answer("/mesh/peers", nothing());
  CHECK(answer_to(number)->outcome == slm_outcome::unreachable);
  CHECK(link.state().presence == slm_presence::away);
}

TEST_CASE_FIXTURE(world, "requests that wait are bounded") {
  start_with_key();
  for (size_t i = 0; i < slm_link::requests_max; ++i)
    ask(mesh());
  auto number = ask(mesh());
  CHECK(answer_to(number)->outcome == slm_outcome::limited);
  CHECK(answer_to(number)->pause > 0ms);
}

TEST_CASE_FIXTURE(world, "writes are held back before the daemon's limit, and after it has said so") {
  start(old_health);
  auto held = 0;
  for (auto i = 0; i < 30; ++i) {
    auto number = ask(event(), true);
    if (auto* x = answer_to(number))
      held += x->outcome == slm_outcome::limited ? 1 : 0;
    else
      answer("/api/v3/tool-event", done(R"({"ok":true})"));
  }
  CHECK(held > 20);
  now += 10s;
  auto number = ask(event());
  answer("/api/v3/tool-event", read_slm_answer(429, "{}", "20", ""));
  CHECK(answer_to(number)->outcome == slm_outcome::limited);
  now += 19s;
  CHECK(answer_to(ask(event()))->outcome == slm_outcome::limited);
  now += 1s;
  CHECK_FALSE(answer_to(ask(event())));
}

TEST_CASE("settings that name no place are told, and nothing is sent") {
  world x;
  x.link.found({"", true, "", "the URL is wrong"}, x.now, x.out);
  x.link.check(x.now, x.out);
  CHECK(x.out.outgoing.empty());
  CHECK(x.link.state().presence == slm_presence::away);
  CHECK(x.link.state().cause == "the URL is wrong");
}

TEST_SUITE_END();
