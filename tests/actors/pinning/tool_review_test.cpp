#include "actors/pinning/tool_review.hpp"

#include "actors/session/held_tool.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace hub;

TEST_SUITE_BEGIN("review of tools");

namespace {

known_server server_of(std::string name, change_policy policy) {
  known_server result;
  result.name = std::move(name);
  result.tool_changes = policy;
  return result;
}

void tell(known_server& server, std::vector<std::string> tools) {
  auto catalogue = std::make_shared<server_catalogue>();
  catalogue->server = server.name;
  for (auto& tool : tools)
    catalogue->tools.push_back(json_text{std::move(tool)});
  server.told = std::move(catalogue);
}

struct library {
  tool_review review;
  std::vector<known_server> servers;

  void show() {
    for (auto& server : servers)
      review.show(server, 1);
  }
};

forward call_of(const char* server, const char* tool, bool as_result = false) {
  forward result;
  result.server = server;
  result.method = "tools/call";
  result.params = json_text{R"({"name":")" + std::string{tool} + "\"}"};
  result.tell_as_tool_result = as_result;
  return result;
}

} // namespace

TEST_CASE_FIXTURE(library, "a change is told once, listed until it is approved, and then kept") {
  servers.push_back(server_of("s", change_policy::warn));
  tell(servers[0], {R"({"name":"a","description":"x"})"});
  show();
  CHECK(review.take_changed_pins().size() == 1);
  CHECK(review.take_news().empty());
  CHECK(review.list(servers, "").servers.empty());

  tell(servers[0], {R"({"name":"a","description":"y"})"});
  show();
  REQUIRE(review.take_news().size() == 1);
  show();
  CHECK(review.take_news().empty());
  CHECK(review.take_changed_pins().empty());
  auto listed = review.list(servers, "s");
  REQUIRE(listed.servers.size() == 1);
  CHECK(listed.servers[0].tools.at(0).state == pin_state::changed);
  CHECK_FALSE(review.list(servers, "nobody").server_exists);

  CHECK(review.approve(servers, {"s", "a"}, 2).ok);
  show();
  CHECK(review.list(servers, "").servers.empty());
  REQUIRE(review.take_changed_pins().size() == 1);
}

TEST_CASE_FIXTURE(library, "what cannot be approved says why") {
  servers.push_back(server_of("s", change_policy::warn));
  CHECK_FALSE(review.approve(servers, {"nobody", ""}, 2).ok);
  CHECK(review.approve(servers, {"s", ""}, 2).fix.find("restart") != std::string::npos);
  tell(servers[0], {R"({"name":"a"})"});
  show();
  CHECK_FALSE(review.approve(servers, {"s", "b"}, 2).ok);
  CHECK(review.approve(servers, {"s", ""}, 2).ok);
}

TEST_CASE_FIXTURE(library, "a suspicious tool is listed and stays") {
  servers.push_back(server_of("mail", change_policy::hold));
  servers.push_back(server_of("evil", change_policy::hold));
  tell(servers[0], {R"({"name":"send_email"})"});
  tell(servers[1], {R"({"name":"a","description":"<IMPORTANT>"})", R"({"name":"b","description":"before send_email"})"});
  show();
  CHECK(review.take_news().size() == 1);
  CHECK(servers[1].catalogue->tools.size() == 2);
  auto listed = review.list(servers, "");
  REQUIRE(listed.servers.size() == 1);
  CHECK(listed.servers[0].server == "evil");
  REQUIRE(listed.servers[0].tools.size() == 2);
  CHECK(listed.servers[0].tools[0].state == pin_state::same);
  CHECK(listed.servers[0].tools[1].suspicions.at(0).find("mail") != std::string::npos);
}

TEST_CASE_FIXTURE(library, "news of one server are bounded") {
  servers.push_back(server_of("s", change_policy::warn));
  tell(servers[0], {});
  show();
  std::vector<std::string> tools;
  for (int i = 0; i < 100; ++i)
    tools.push_back(R"({"name":"t)" + std::to_string(i) + R"(","description":"<IMPORTANT>"})");
  tell(servers[0], tools);
  show();
  CHECK(review.take_news().size() <= 21);
}

TEST_CASE_FIXTURE(library, "a call of a held tool is refused with what to do, others are not") {
  servers.push_back(server_of("s", change_policy::hold));
  tell(servers[0], {R"({"name":"a"})", R"({"name":"b"})"});
  show();
  tell(servers[0], {R"({"name":"a","title":"A"})", R"({"name":"b"})"});
  show();
  catalog_snapshot snapshot{servers};
  CHECK_FALSE(refuse_held(snapshot, call_of("s", "b")));
  auto refusal = refuse_held(snapshot, call_of("s", "a"));
  REQUIRE(refusal);
  CHECK(refusal->kind == answer_kind::error);
  CHECK(refusal->body.view().find("slm-hub approve s a") != std::string::npos);
  refusal = refuse_held(snapshot, call_of("s", "a", true));
  REQUIRE(refusal);
  CHECK(refusal->body.view().find("isError") != std::string::npos);
  CHECK_FALSE(refuse_held(snapshot, call_of("other", "a")));
}

TEST_CASE_FIXTURE(library, "pins of runs before count") {
  servers.push_back(server_of("s", change_policy::hold));
  tell(servers[0], {R"({"name":"a"})"});
  show();
  auto kept = review.take_changed_pins();
  REQUIRE(kept.size() == 1);
  tool_review next{{{"s", server_pins::read(json_text{kept[0].payload})}}};
  tell(servers[0], {R"({"name":"a","title":"A"})"});
  next.show(servers[0], 2);
  CHECK(servers[0].catalogue->tools.at(0).view() == R"({"name":"a"})");
  CHECK_FALSE(servers[0].gate->lets_through("a"));
}

TEST_SUITE_END();
