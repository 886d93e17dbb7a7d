#include "actors/slm/slm_daemon.hpp"

#include "tests/support/live_system.hpp"
#include "tests/support/loopback_server.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("slm daemon");

namespace {

/// What a watcher heard last.
class diary {
public:
  void add(const slm_state& x) {
    std::lock_guard guard{mutex_};
    last_ = x;
    changed_.notify_all();
  }

  slm_state wait(slm_presence wanted) {
    std::unique_lock guard{mutex_};
    REQUIRE(changed_.wait_for(guard, patience, [&] { return last_.presence == wanted; }));
    return last_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  slm_state last_;
};

slm_watcher_actor::behavior_type watcher(slm_watcher_actor::pointer, std::shared_ptr<diary> to) {
  return {[to](const slm_changed& x) { to->add(x.state); }};
}

/// The way to a daemon at `url`, watched.
struct daemon_stage : live_system {
  std::shared_ptr<diary> heard = std::make_shared<diary>();
  slm_daemon_actor daemon{};
  slm_watcher_actor who{};

  void run(std::string url) {
    slm_place_settings settings;
    settings.url = std::move(url);
    daemon = spawn_slm_daemon(system, shard_of(system), std::move(settings));
    who = system.spawn(watcher, heard);
    caf::anon_send(daemon, watch_slm{who});
  }

  slm_answer ask(slm_request request) {
    slm_answer result;
    caf::scoped_actor self{system, true};
    self->request(daemon, patience, ask_slm{std::move(request)})
      .receive([&](slm_answer& x) { result = std::move(x); }, [](caf::error& x) { FAIL(to_string(x)); });
    return result;
  }

  ~daemon_stage() {
    caf::anon_send_exit(daemon, caf::exit_reason::kill);
    caf::anon_send_exit(who, caf::exit_reason::kill);
  }
};

constexpr auto json = "application/json";

void answer_like_a_daemon(loopback_peer& peer, const heard_request& request) {
  if (request.says("GET /health"))
    peer.answer(200, json, R"({"version":"4.1.18","service":"superlocalmemory-daemon","instance_id":"i"})");
  else if (request.says("GET /status"))
    peer.answer(200, json, R"({"mode":"a","fact_count":3})");
  else if (request.says("GET /internal/token"))
    peer.answer(200, json, R"({"token":"aaaaaaaaaaaaaaaa"})");
  else if (request.says("GET /mesh/peers"))
    peer.answer(request.header("X-Install-Token") == "aaaaaaaaaaaaaaaa" ? 200 : 403, json, R"({"peers":[]})");
  else if (request.says("POST /api/v3/tool-event"))
    peer.answer(429, json, R"({"error":"Too many requests."})", "Retry-After: 7\r\n");
  else
    peer.answer(404, json, R"({"detail":"Not Found"})");
}

} // namespace

TEST_CASE("a daemon is found, and asked with its key") {
  loopback_server server{each_request(answer_like_a_daemon)};
  daemon_stage stage;
  stage.run(server.url(""));
  auto state = stage.heard->wait(slm_presence::present);
  CHECK(state.version == "4.1.18");
  CHECK(stage.ask({"GET", "/mesh/peers", {}, true}).outcome == slm_outcome::done);
  CHECK(stage.ask({"GET", "/nowhere"}).outcome == slm_outcome::missing);
  auto limited = stage.ask({"POST", "/api/v3/tool-event", "{}"});
  CHECK(limited.outcome == slm_outcome::limited);
  CHECK(limited.pause == std::chrono::seconds{7});
  // Held back here, since the daemon wants a pause.
  CHECK(stage.ask({"POST", "/mesh/heartbeat", "{}", true}).outcome == slm_outcome::limited);
}

TEST_CASE("without a daemon questions are answered at once, and it is found when it comes") {
  uint16_t port = 0;
  {
    loopback_server free{[](loopback_peer&) {}};
    port = free.port();
  }
  daemon_stage stage;
  stage.run("http://127.0.0.1:" + std::to_string(port));
  CHECK(stage.heard->wait(slm_presence::away).cause.find("refused") != std::string::npos);
  CHECK(stage.ask({"GET", "/recall?q=x"}).outcome == slm_outcome::unreachable);
  loopback_server server{each_request(answer_like_a_daemon), port};
  stage.heard->wait(slm_presence::present);
}

TEST_CASE("a daemon that dies in mid-call is away, and its caller hears that") {
  std::atomic<bool> dies{false};
  loopback_server server{[&](loopback_peer& peer) {
    while (auto request = peer.read()) {
      if (dies)
        return;
      answer_like_a_daemon(peer, *request);
    }
  }};
  daemon_stage stage;
  stage.run(server.url(""));
  stage.heard->wait(slm_presence::present);
  dies = true;
  CHECK(stage.ask({"GET", "/recall?q=x"}).outcome == slm_outcome::unreachable);
  stage.heard->wait(slm_presence::away);
}

TEST_SUITE_END();
