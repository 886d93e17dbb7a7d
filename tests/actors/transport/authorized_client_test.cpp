#include "actors/transport/authorized_client.hpp"

#include "tests/support/live_system.hpp"
#include "tests/support/loopback_server.hpp"

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace hub;
using namespace hub::test;

TEST_SUITE_BEGIN("authorized_client");

namespace {

/// What an authorizer was asked, and what it says; only touched on the shard until the
/// answer is there.
struct auth_script {
  std::optional<fetch_headers> now;
  std::vector<auth_verdict> verdicts;
  std::vector<auth_challenge> asked;
};

class scripted_authorizer final : public authorizer {
public:
  explicit scripted_authorizer(auth_script& script) : script_(script) {
    // nop
  }

  const fetch_headers* ready() override {
    return script_.now ? &*script_.now : nullptr;
  }

  void obtain(auth_challenge why, std::function<void(auth_verdict)> done) override {
    script_.asked.push_back(std::move(why));
    auto verdict = script_.verdicts.front();
    if (script_.verdicts.size() > 1)
      script_.verdicts.erase(script_.verdicts.begin());
    done(std::move(verdict));
  }

private:
  auth_script& script_;
};

struct told {
  fetch_head head;
  std::string body;
  std::optional<fetch_failure> failed;
};

class telling_reader final : public fetch_reader {
public:
  explicit telling_reader(std::promise<told> done) : done_(std::move(done)) {
    // nop
  }

  void on_head(fetch_head head) override {
    told_.head = std::move(head);
  }

  void on_data(std::string_view data) override {
    told_.body += data;
  }

  void on_end() override {
    done_.set_value(std::move(told_));
  }

  void on_failure(fetch_failure why) override {
    told_.failed = std::move(why);
    done_.set_value(std::move(told_));
  }

private:
  std::promise<told> done_;
  told told_;
};

struct authorized_stage {
  auth_script script;
  live_system world;
  shard& home = shard_of(world.system);
  fetch_headers configured{{"X-Team", "blue"}, {"Authorization", "Bearer configured"}};
  std::unique_ptr<authorized_client> client;
  bool has_authorizer = true;

  ~authorized_stage() {
    on(home, [this] { client.reset(); });
  }

  told ask(const std::string& url) {
    std::promise<told> done;
    auto result = done.get_future();
    on(home, [&] {
      if (!client)
        client = std::make_unique<authorized_client>(
          home, http_client_settings{}, configured,
          has_authorizer ? std::make_unique<scripted_authorizer>(script) : nullptr);
      fetch_request request;
      request.url = url;
      client->start(std::move(request), std::make_unique<telling_reader>(std::move(done)));
    });
    return await(std::move(result));
  }
};

/// Lets in who has `token`; refuses the rest with `status`.
loopback_server::serve_function guarded(std::string token, int status = 401) {
  return each_request([token = std::move(token), status](auto& peer, auto& request) {
    if (request.header("Authorization") == token)
      peer.answer(200, "text/plain", "in " + request.header("X-Team"));
    else
      peer.answer(status, "text/plain", "out", "WWW-Authenticate: Bearer scope=\"a\"\r\nWWW-Authenticate: Basic\r\n");
  });
}

fetch_headers bearer(const std::string& token) {
  return {{"Authorization", "Bearer " + token}};
}

} // namespace

TEST_CASE_FIXTURE(authorized_stage, "headers that are ready go with the request, before the configured ones") {
  script.now = bearer("good");
  loopback_server server{guarded("Bearer good")};
  CHECK(ask(server.url()).body == "in blue");
  CHECK(script.asked.empty());
}

TEST_CASE_FIXTURE(authorized_stage, "headers that are not ready are obtained first") {
  script.verdicts = {bearer("good")};
  loopback_server server{guarded("Bearer good")};
  CHECK(ask(server.url()).body == "in blue");
  REQUIRE(script.asked.size() == 1);
  CHECK(script.asked[0].status == 0);
}

TEST_CASE_FIXTURE(authorized_stage, "refused headers are replaced, and whoever asked sees one answer") {
  script.now = bearer("old");
  script.verdicts = {bearer("good")};
  loopback_server server{guarded("Bearer good")};
  CHECK(ask(server.url()).body == "in blue");
  REQUIRE(script.asked.size() == 1);
  CHECK(script.asked[0].status == 401);
  CHECK(script.asked[0].url == server.url());
  CHECK(script.asked[0].refused == bearer("old"));
  CHECK(script.asked[0].www_authenticate == std::vector<std::string>{"Bearer scope=\"a\"", "Basic"});
}

TEST_CASE_FIXTURE(authorized_stage, "headers that are refused again and again are given up") {
  script.now = bearer("bad");
  script.verdicts = {bearer("bad too")};
  loopback_server server{guarded("Bearer good")};
  auto result = ask(server.url());
  REQUIRE(result.failed);
  CHECK(result.failed->what == fetch_failure::kind::unauthorized);
  CHECK(script.asked.size() == 3);
}

TEST_CASE_FIXTURE(authorized_stage, "without authorization to be had, the request fails with what the authorizer says") {
  script.now = bearer("bad");
  script.verdicts = {auth_denied{"wants a login", "Run slm-hub login one."}};
  SUBCASE("401 concerns the server") {
    loopback_server server{guarded("Bearer good")};
    auto result = ask(server.url());
    REQUIRE(result.failed);
    CHECK(result.failed->what == fetch_failure::kind::unauthorized);
    CHECK(result.failed->cause == "wants a login");
    CHECK(result.failed->fix == "Run slm-hub login one.");
  }
  SUBCASE("403 concerns the request") {
    loopback_server server{guarded("Bearer good", 403)};
    auto result = ask(server.url());
    REQUIRE(result.failed);
    CHECK(result.failed->what == fetch_failure::kind::forbidden);
  }
}

TEST_CASE_FIXTURE(authorized_stage, "without an authorizer 401 is a failure and 403 an answer") {
  has_authorizer = false;
  loopback_server server{guarded("Bearer good")};
  auto result = ask(server.url());
  REQUIRE(result.failed);
  CHECK(result.failed->what == fetch_failure::kind::unauthorized);
  CHECK(result.failed->cause == "refused the credentials in \"headers\" (HTTP status 401)");
  loopback_server other{guarded("Bearer good", 403)};
  CHECK(ask(other.url()).head.status == 403);
}
