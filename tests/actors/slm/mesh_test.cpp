#include "actors/slm/mesh_api.hpp"
#include "actors/slm/mesh_table.hpp"

#include "messages/rpc/json_scan.hpp"

#include <doctest/doctest.h>

using namespace hub;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("mesh");

namespace {

const mesh_table::time start{100h};

mesh_message message(int64_t id) {
  return {id, "p", "peer", "", "text", "now"};
}

} // namespace

TEST_CASE("requests to the mesh show a key and say who asks") {
  auto request = register_mesh_peer({"hub-1", "2 servers", 1234});
  CHECK(request.keyed);
  CHECK(request.target == "/mesh/register");
  CHECK_FALSE(rpc::check_json(request.body));
  CHECK(rpc::member(request.body, "session_id") == R"("hub-1")");
  CHECK(rpc::member(request.body, "agent_type") == R"("mcp-hub")");
  CHECK(rpc::member(request.body, "port") == "1234");
  CHECK(ask_mesh_inbox("a/b").target == "/mesh/inbox/a%2Fb");
  CHECK(mark_mesh_read("p", {1, 2}).body == R"({"message_ids":[1,2]})");
  CHECK(send_mesh_message("me", "broadcast", "hi").body == R"({"from_peer":"me","to":"broadcast","content":"hi","type":"text"})");
  CHECK(read_mesh_registration(R"({"peer_id":"4a808dee-98b","ok":true})") == "4a808dee-98b");
}

TEST_CASE("a lock is ours only if the daemon says so twice") {
  auto grant = read_mesh_lock(R"({"ok":true,"action":"acquired","fencing_token":7})");
  CHECK(grant.acquired);
  CHECK(confirms(grant, read_mesh_lock(R"({"locked":true,"by":"A","since":"now","fencing_token":7})"), "A"));
  CHECK_FALSE(confirms(grant, read_mesh_lock(R"({"locked":true,"by":"B","since":"now","fencing_token":8})"), "A"));
  CHECK_FALSE(confirms(grant, read_mesh_lock(R"({"locked":true,"by":"A","since":"now","fencing_token":8})"), "A"));
  CHECK_FALSE(confirms(grant, read_mesh_lock(R"({"locked":false})"), "A"));
  // A refusal is 200 as well.
  auto refusal = read_mesh_lock(R"({"locked":true,"by":"B","since":"now"})");
  CHECK_FALSE(refusal.acquired);
  CHECK(refusal.by == "B");
  CHECK_FALSE(confirms(refusal, refusal, "B"));
  // Releases before 4.0 have no tokens.
  CHECK(confirms(read_mesh_lock(R"({"ok":true,"action":"acquired"})"), read_mesh_lock(R"({"locked":true,"by":"A"})"), "A"));
  CHECK_FALSE(read_mesh_lock(R"({"ok":true,"action":"released"})").acquired);
}

TEST_CASE("messages are read oldest first, without those that were read") {
  auto found = read_mesh_inbox(R"({"messages":[{"id":3,"from_peer":"a","content":"c","read":0,"target_type":"peer"},
    {"id":2,"from_peer":"a","content":"b","read":1},{"id":1,"from_peer":"a","content":"a","read":0},{"content":"no id"},7]})", 10);
  REQUIRE(found.size() == 2);
  CHECK(found[0].id == 1);
  CHECK(found[1].text == "c");
}

TEST_CASE("the others are all but this hub") {
  mesh_table x;
  x.registered("me", start);
  x.set_peers(read_mesh_peers(R"({"peers":[{"peer_id":"me"},{"peer_id":"you","agent_type":"claude-code"},{"session_id":"no id"}]})", 10));
  REQUIRE(x.peers().size() == 1);
  CHECK(x.peers()[0].agent == "claude-code");
  x.set_peers(std::vector<mesh_peer>(500, mesh_peer{"p", "", "", "", "", "", ""}));
  CHECK(x.peers().size() == mesh_table::peers_max);
  x.forgotten();
  CHECK(x.peers().empty());
  CHECK(x.self().empty());
}

TEST_CASE("a heartbeat is due each minute while the daemon knows the hub") {
  mesh_table x;
  CHECK_FALSE(x.beats(start));
  x.registered("me", start);
  CHECK_FALSE(x.beats(start + 59s));
  CHECK(x.beats(start + 60s));
  x.beaten(start + 60s);
  CHECK_FALSE(x.beats(start + 61s));
}

TEST_CASE("announcements that wait become one message, at a bounded rate") {
  mesh_table x;
  x.announce("session started");
  CHECK_FALSE(x.broadcast(start));
  x.registered("me", start);
  CHECK(x.broadcast(start) == "session started");
  CHECK_FALSE(x.broadcast(start + 1h));
  for (auto i = 0; i < 100; ++i)
    x.announce("tools of server " + std::to_string(i % 50) + " changed");
  auto later = start + mesh_table::between_broadcasts;
  CHECK_FALSE(x.broadcast(later - 1ms));
  auto text = x.broadcast(later);
  REQUIRE(text);
  CHECK(text->starts_with("tools of server 0 changed; tools of server 1 changed; "));
  CHECK_FALSE(x.broadcast(later));
}

TEST_CASE("what is announced in a flood is bounded, and the rest counted") {
  mesh_table x;
  x.registered("me", start);
  for (auto i = 0; i < 1000; ++i)
    x.announce("tools of server " + std::to_string(i) + " changed");
  auto text = x.broadcast(start);
  REQUIRE(text);
  CHECK(text->size() < mesh_message_max / 2);
  CHECK(text->ends_with("; and 968 more"));
}

TEST_CASE("use is told as a digest, the most used first, and never more often than each minute") {
  mesh_table x;
  x.registered("me", start);
  CHECK_FALSE(x.digest(start));
  for (auto i = 0; i < 5; ++i)
    x.used("fs", false);
  for (auto i = 0; i < 9; ++i)
    x.used("github", i == 0);
  CHECK(x.digest(start) == "github 9 (1 failed), fs 5");
  x.used("fs", false);
  CHECK_FALSE(x.digest(start + 59s));
  CHECK(x.digest(start + 60s) == "fs 1");
}

namespace {

mesh_peer another_peer() {
  mesh_peer result;
  result.id = "you";
  return result;
}

} // namespace

TEST_CASE("use goes to all seldom, only if others are there, and with what is announced anyway") {
  mesh_table x;
  x.registered("me", start);
  x.used("fs", false);
  CHECK_FALSE(x.broadcast(start + 599s));
  CHECK_FALSE(x.broadcast(start + 600s));
  x.set_peers({another_peer()});
  x.used("fs", true);
  CHECK(x.broadcast(start + 600s) == "used: fs 2 (1 failed)");
  x.used("fs", false);
  CHECK_FALSE(x.broadcast(start + 1199s));
  x.announce("session ended: x");
  CHECK(x.broadcast(start + 1200s) == "session ended: x; used: fs 1");
  CHECK_FALSE(x.broadcast(start + 9999s));
  // A daemon that forgot the hub and registers it again changes nothing of that.
  x.used("fs", false);
  x.forgotten();
  CHECK_FALSE(x.broadcast(start + 9999s));
  x.registered("me again", start + 9999s);
  x.set_peers({another_peer()});
  CHECK(x.broadcast(start + 9999s) == "used: fs 1");
}

TEST_CASE("use goes to all as often as the user says, or never") {
  mesh_table often{10s}, never{0s};
  for (auto* x : {&often, &never}) {
    x->registered("me", start);
    x->set_peers({another_peer()});
    for (auto i = 0; i < 500; ++i)
      x->used("fs", false);
  }
  CHECK(often.broadcast(start + 10s) == "used: fs 500");
  CHECK_FALSE(never.broadcast(start + 24h));
}

TEST_CASE("a message counts once, and the newest are kept") {
  mesh_table x;
  CHECK(x.add({message(1), message(2)}) == std::vector<int64_t>{1, 2});
  CHECK(x.add({message(2), message(3)}) == std::vector<int64_t>{3});
  for (int64_t id = 4; id < 400; ++id)
    x.add({message(id)});
  CHECK(x.messages().size() == mesh_table::messages_max);
  CHECK(x.messages().back().id == 399);
}

TEST_SUITE_END();
