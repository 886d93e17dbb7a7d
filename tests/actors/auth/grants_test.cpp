#include "actors/auth/form_text.hpp"
#include "actors/auth/grants.hpp"
#include "actors/auth/web_address.hpp"
#include "tests/support/stage.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

namespace {

/// The web, the disk and the clock as the holder of grants sees them.
struct grants_world {
  std::map<std::string, web_answer> pages;
  std::vector<std::string> asked;
  std::optional<credentials> kept;
  int dropped = 0;
  std::vector<authorization_changed> told;
  int64_t now = 1000;
};

web_actor::behavior_type fake_web(web_actor::pointer, std::shared_ptr<grants_world> world) {
  return {[world](const fetch_document& x) {
    world->asked.push_back(x.request.url);
    auto i = world->pages.find(x.request.url);
    return i == world->pages.end() ? web_answer{404, "", "", ""} : i->second;
  }};
}

vault_actor::behavior_type fake_vault(vault_actor::pointer, std::shared_ptr<grants_world> world) {
  return {
    [world](const load_grant&) { return grant_loaded{world->kept, "", ""}; },
    [world](const keep_grant& x) { world->kept = x.grant; },
    [world](const drop_grant&) {
      ++world->dropped;
      world->kept.reset();
    },
  };
}

grant_watcher_actor::behavior_type fake_watcher(grant_watcher_actor::pointer, std::shared_ptr<grants_world> world) {
  return {[world](const authorization_changed& x) { world->told.push_back(x); }};
}

constexpr auto callback = "http://127.0.0.1:1/oauth/callback";

struct grants_stage : stage {
  std::shared_ptr<grants_world> world = std::make_shared<grants_world>();
  std::shared_ptr<bearer_cell> cell = std::make_shared<bearer_cell>();
  bool without_user = false;
  grants_actor grants;

  void begin_world() {
    auto& pages = world->pages;
    pages["https://s/.well-known/oauth-protected-resource/mcp"]
      = {200, "", R"({"resource":"https://s/mcp","authorization_servers":["https://as"]})", ""};
    pages["https://as/.well-known/oauth-authorization-server"]
      = {200, "", R"({"issuer":"https://as","authorization_endpoint":"https://as/a","token_endpoint":"https://as/t",
          "registration_endpoint":"https://as/r","revocation_endpoint":"https://as/v",
          "code_challenge_methods_supported":["S256"]})", ""};
    pages["https://as/r"] = {201, "", R"({"client_id":"i"})", ""};
    pages["https://as/v"] = {200, "", "", ""};
    tokens("first");
    grants_settings settings;
    settings.cell_of = [this](const std::string& server) { return server == "s" ? cell : nullptr; };
    settings.resolve = [this](const std::string& server) -> std::variant<oauth_settings, flow_failure> {
      if (server != "s")
        return flow_failure{"is not configured", "Look at the list."};
      oauth_settings x;
      x.url = "https://s/mcp";
      x.without_user = without_user;
      x.client_id = without_user ? "mine" : "";
      x.client_secret = without_user ? "secret" : "";
      x.private_network = true;
      return x;
    };
    settings.open_web = [w = world](caf::actor_system& sys) { return sys.spawn(fake_web, w); };
    settings.open_vault = [w = world](caf::actor_system& sys) { return sys.spawn(fake_vault, w); };
    settings.now = [w = world] { return w->now; };
    grants = spawn_grants(system, std::move(settings));
    self->send(grants, watch_grants{system.spawn(fake_watcher, world)});
    settle();
  }

  ~grants_stage() {
    caf::anon_send_exit(grants, caf::exit_reason::kill);
    settle();
  }

  void tokens(const std::string& name) {
    world->pages["https://as/t"]
      = {200, "", R"({"access_token":")" + name + R"(","token_type":"Bearer","expires_in":600,"refresh_token":"r"})", ""};
  }

  authorization_given need(int status = 0, std::string used = "", std::string challenge = "Bearer") {
    return ask<authorization_given>(grants, need_authorization{"s", status, std::move(used), std::move(challenge)});
  }

  login_begun begin() {
    return ask<login_begun>(grants, begin_login{"s", callback});
  }

  std::string state_in(const login_begun& x) {
    return field_of(*read_form(read_address(x.address)->query), "state");
  }

  void log_in() {
    auto begun = begin();
    REQUIRE_MESSAGE(begun.ok, begun.message);
    auto ended = ask<login_status>(grants, end_login{"code=c&state=" + state_in(begun)});
    REQUIRE_MESSAGE(ended.what == login_status::kind::done, ended.message);
  }
};

} // namespace

TEST_CASE_FIXTURE(grants_stage, "a request goes without a token until one is wanted; then a login is") {
  begin_world();
  auto first = need();
  CHECK(first.ok);
  CHECK(first.header.empty());
  REQUIRE(cell->load());
  CHECK(cell->load()->header.empty());
  auto refused = need(401);
  CHECK_FALSE(refused.ok);
  CHECK(refused.wants_login);
  CHECK(refused.fix.find("slm-hub login s") != std::string::npos);
  CHECK(world->told.empty());
  self->send(grants, login_wanted{"s", refused.cause, refused.fix});
  settle();
  REQUIRE(world->told.size() == 1);
  CHECK_FALSE(world->told[0].granted);
}

TEST_CASE_FIXTURE(grants_stage, "a login ends with a token for all, kept, and told") {
  begin_world();
  auto begun = begin();
  REQUIRE_MESSAGE(begun.ok, begun.message);
  auto waiting = begin_ask<login_status>(grants, await_login{"s", begun.login});
  settle();
  CHECK_FALSE(waiting.answered());
  auto ended = ask<login_status>(grants, end_login{"code=c&state=" + state_in(begun)});
  CHECK(ended.what == login_status::kind::done);
  CHECK(waiting.value().what == login_status::kind::done);
  CHECK(need().header == "Bearer first");
  CHECK(cell->load()->header == "Bearer first");
  CHECK(cell->load()->ask_from == 1540);
  REQUIRE(world->kept);
  CHECK(world->kept->access_token == "first");
  REQUIRE(world->told.size() == 1);
  CHECK(world->told[0].granted);
  // Whoever asks late still hears it; the address of the end works once.
  CHECK(ask<login_status>(grants, await_login{"s", begun.login}).what == login_status::kind::done);
  CHECK(ask<login_status>(grants, end_login{"code=c&state=" + state_in(begun)}).what == login_status::kind::failed);
}

TEST_CASE_FIXTURE(grants_stage, "one refresh serves all who wait, and a transient failure costs no login") {
  begin_world();
  log_in();
  tokens("second");
  auto asked_before = world->asked.size();
  std::vector<asked<authorization_given>> waiting;
  for (int i = 0; i < 20; ++i)
    waiting.push_back(begin_ask<authorization_given>(grants, need_authorization{"s", 401, "Bearer first", ""}));
  settle();
  for (auto& one : waiting)
    CHECK(one.value().header == "Bearer second");
  CHECK(world->asked.size() == asked_before + 1);
  world->pages["https://as/t"] = {503, "", "", ""};
  world->now += 541;
  CHECK(need().header == "Bearer second");
  world->now += 60;
  auto late = need();
  CHECK_FALSE(late.ok);
  CHECK_FALSE(late.wants_login);
  tokens("third");
  CHECK(need().header == "Bearer third");
}

TEST_CASE_FIXTURE(grants_stage, "a refused refresh token ends the login and leaves the registration") {
  begin_world();
  log_in();
  world->pages["https://as/t"] = {400, "", R"({"error":"invalid_grant"})", ""};
  auto refused = need(401, "Bearer first");
  CHECK(refused.wants_login);
  CHECK(cell->load()->header.empty());
  REQUIRE(world->kept);
  CHECK(world->kept->access_token.empty());
  CHECK(world->kept->client.id == "i");
  tokens("fourth");
  log_in();
  CHECK(need().header == "Bearer fourth");
  CHECK(std::count(world->asked.begin(), world->asked.end(), "https://as/r") == 1);
}

TEST_CASE_FIXTURE(grants_stage, "without a user the token comes by itself when one is wanted") {
  without_user = true;
  begin_world();
  CHECK(need().header.empty());
  CHECK(need(401).header == "Bearer first");
  CHECK_FALSE(begin().ok);
}

TEST_CASE_FIXTURE(grants_stage, "a login that nobody finishes is given up, and who waits hears in between that it goes on") {
  begin_world();
  auto begun = begin();
  auto waiting = begin_ask<login_status>(grants, await_login{"s", begun.login});
  for (int i = 0; i < 25; ++i)
    pass(1s);
  CHECK(waiting.value().what == login_status::kind::waiting);
  for (int i = 0; i < 600; ++i)
    pass(1s);
  CHECK(ask<login_status>(grants, await_login{"s", begun.login}).what == login_status::kind::failed);
  CHECK(ask<login_status>(grants, end_login{"code=c&state=" + state_in(begun)}).what == login_status::kind::failed);
}

TEST_CASE_FIXTURE(grants_stage, "logging out revokes, forgets and is told") {
  begin_world();
  log_in();
  auto done = ask<logged_out>(grants, log_out{"s"});
  CHECK(done.ok);
  CHECK(world->asked.back() == "https://as/v");
  CHECK(world->dropped == 1);
  CHECK(cell->load()->header.empty());
  CHECK_FALSE(world->told.back().granted);
  CHECK_FALSE(ask<logged_out>(grants, log_out{"nobody"}).ok);
}

TEST_CASE_FIXTURE(grants_stage, "what was kept by an earlier hub is used") {
  world->kept.emplace();
  world->kept->access_token = "kept";
  begin_world();
  CHECK(need().header == "Bearer kept");
  CHECK(world->asked.empty());
}
