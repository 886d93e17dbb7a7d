#include "actors/slm/slm_api.hpp"

#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("slm api");

TEST_CASE("releases are told apart by what they can do") {
  struct {
    const char* version;
    bool key;
    bool session;
    bool fencing;
    uint32_t writes;
  } cases[] = {
    {"3.4.3", false, false, false, 30},  {"3.4.14", false, false, false, 30}, {"3.4.21", false, false, false, 0},
    {"3.6.17", false, false, false, 0},  {"3.6.23", false, true, false, 0},   {"3.7.0", true, true, false, 0},
    {"3.7.8", true, true, false, 0},     {"3.8.14", true, true, false, 300},  {"4.0.10", true, true, true, 300},
    {"4.1.18rc1", true, true, true, 300}};
  for (auto& x : cases) {
    CAPTURE(x.version);
    auto release = slm_release_of(x.version);
    REQUIRE(release);
    CHECK(release->mesh_wants_key() == x.key);
    CHECK(release->has_session_routes() == x.session);
    CHECK(release->has_fencing_tokens() == x.fencing);
    CHECK(release->writes_per_minute() == x.writes);
  }
  for (auto* text : {"", "4", "4.1", "4.1.", "a.b.c", "4,1,2", "99999999999.1.1"})
    CHECK_FALSE(slm_release_of(text));
}

TEST_CASE("only the memory daemon is taken for it") {
  auto fresh = read_slm_health(R"({"status":"ok","version":"4.1.18","service":"superlocalmemory-daemon","instance_id":"i","active_profile":"p"})");
  REQUIRE(fresh);
  CHECK(fresh->version == "4.1.18");
  CHECK(fresh->instance == "i");
  CHECK(fresh->profile == "p");
  auto old = read_slm_health(R"({"status":"ok","pid":1,"engine":"initialized","version":"3.4.14"})");
  REQUIRE(old);
  CHECK(old->instance.empty());
  for (auto* text : {R"({"status":"ok"})", R"({"status":"ok","version":"3.4.14"})", R"({"engine":"x","version":"4.1.18"})",
                     R"({"service":"grocer","version":"4.1.18"})", R"({"service":"grocer","engine":"x","version":"3.4.14"})", "[]", ""})
    CHECK_FALSE(read_slm_health(text));
}

TEST_CASE("an answer is what its status, its body and its headers say together") {
  auto outcome = [](int status, std::string body) { return read_slm_answer(status, std::move(body), "", "").outcome; };
  CHECK(outcome(200, R"({"ok":true})") == slm_outcome::done);
  CHECK(outcome(200, R"({"locked":true,"by":"a"})") == slm_outcome::done);
  CHECK(outcome(200, R"({"ok":false,"error":"no"})") == slm_outcome::refused);
  CHECK(outcome(200, R"({"ok": [[[)") == slm_outcome::broken);
  CHECK(outcome(200, "<html>") == slm_outcome::broken);
  CHECK(outcome(200, "") == slm_outcome::broken);
  CHECK(outcome(204, "") == slm_outcome::broken);
  CHECK(outcome(500, "<html>") == slm_outcome::broken);
  CHECK(outcome(422, R"({"detail":[{"type":"missing"}]})") == slm_outcome::refused);
  CHECK(outcome(421, R"({"error":"host_not_allowed"})") == slm_outcome::refused);
  CHECK(outcome(404, R"({"detail":"peer not found"})") == slm_outcome::missing);
  for (auto status : {401, 403, 409})
    CHECK(outcome(status, "{}") == slm_outcome::unauthorized);

  CHECK(read_slm_answer(404, R"({"detail":"peer not found"})", "", "").cause == "answers 404: peer not found");
  CHECK(read_slm_answer(403, R"({"error":"cross-origin"})", "", "").cause == "answers 403: cross-origin");
  CHECK(read_slm_answer(500, "<html>", "", "").cause == "answers 500");
  CHECK(read_slm_answer(200, R"({"ok":false,"error":"full"})", "", "").cause == "refuses: full");
  CHECK(read_slm_answer(200, "{}", "", "298").writes_left == 298);
  CHECK_FALSE(read_slm_answer(200, "{}", "", "many").writes_left);
}

TEST_CASE("a pause is as long as the daemon says, within reason") {
  auto pause = [](std::string_view text) { return read_slm_answer(429, "{}", text, "").pause; };
  CHECK(pause("7") == 7s);
  CHECK(pause("0") == 1s);
  CHECK(pause("") == 60s);
  CHECK(pause("soon") == 60s);
  CHECK(pause("999999") == 3600s);
  CHECK(read_slm_answer(200, "{}", "7", "").pause == 0s);
}

TEST_CASE("a token is hexadecimal or none") {
  CHECK(read_slm_token(R"({"token":"0123456789abcdef"})") == "0123456789abcdef");
  CHECK(read_slm_token(R"({"token":"short"})").empty());
  CHECK(read_slm_token("{\"token\":\"0123456789abcdef\\r\\nX: y\"}").empty());
  CHECK(read_slm_token("{}").empty());
}

TEST_CASE("a tool event says tool, outcome, session and project, and never more than the daemon keeps") {
  auto request = tell_slm_tool_event({"github__search", true, std::string(499, 'a') + "\xC3\xA9 and more", "failed in 3 ms", "s1", "/srv/a\"b"});
  CHECK(request.method == "POST");
  CHECK(request.target == "/api/v3/tool-event");
  CHECK_FALSE(request.keyed);
  CHECK(request.writes());
  CHECK_FALSE(rpc::check_json(request.body));
  CHECK(rpc::member(request.body, "tool_name") == R"("github__search")");
  CHECK(rpc::member(request.body, "event_type") == R"("error")");
  CHECK(rpc::member(request.body, "session_id") == R"("s1")");
  CHECK(rpc::unquote(rpc::member(request.body, "project_path")) == "/srv/a\"b");
  // A character is not cut in two.
  CHECK(rpc::unquote(rpc::member(request.body, "input_summary")) == std::string(499, 'a'));
}

TEST_CASE("a search does not change the memory, and its query stands in the address whatever is in it") {
  auto request = ask_slm_recall("a&b=c d/\xC3\xA9", "s 1", 5);
  CHECK(request.method == "GET");
  CHECK(request.target == "/recall?q=a%26b%3Dc%20d%2F%C3%A9&limit=5&fast=true&answer_check=skip&session_id=s%201");
  CHECK(ask_slm_recall("q", "", 5).target.find("session_id") == std::string::npos);
}

TEST_CASE("what is recalled is read from both generations, and nothing where the daemon is not sure") {
  auto fresh = read_slm_recall(R"({"ok":true,"results":[{"fact_id":"f1","content":"one","age_label":"just now"},{"fact_id":"f2","content":""},
    {"fact_id":"f3","content":"three"}],"no_confident_match":false})", 5);
  REQUIRE(fresh.size() == 2);
  CHECK(fresh[0].id == "f1");
  CHECK(fresh[0].age == "just now");
  CHECK(fresh[1].text == "three");
  CHECK(read_slm_recall(R"({"results":[{"fact_id":"f1","content":"one","score":0.5}],"count":1})", 5).size() == 1);
  CHECK(read_slm_recall(R"({"results":[{"content":"one"},{"content":"two"}]})", 1).size() == 1);
  CHECK(read_slm_recall(R"({"results":[{"content":"one"}],"no_confident_match":true})", 5).empty());
  for (auto* text : {"{}", R"({"results":7})", R"({"results":[7,null,"x"]})", R"({"results":[{"content":7}]})"})
    CHECK(read_slm_recall(text, 5).empty());
}

TEST_CASE("what the daemon remembers of tools is read by their names") {
  auto uses = read_slm_tool_events(
    R"({"events":[{"tool_name":"c__z","created_at":"2026-11-22T13:39:00.042800+00:00"},{"tool_name":"Bash","created_at":"2026-11-22T13:39:00"},)"
    R"({"tool_name":"b__y","created_at":"never"},{"tool_name":"hub__session","created_at":"2026-11-22T13:39:00"},{"tool_name":"d__y"},)"
    R"({"tool_name":"b__x","created_at":"2026-11-22 13:38:59"},{"tool_name":"a__x","created_at":"2026-11-22 13:38:58"}]})",
    2);
  REQUIRE(uses.size() == 2);
  CHECK(uses[0].tool == "b__x");
  CHECK(uses[1].tool == "c__z");
  CHECK(uses[1].at.count() == 1'795'354'740);
  CHECK(uses[1].at - uses[0].at == std::chrono::seconds{1});
}

TEST_SUITE_END();
