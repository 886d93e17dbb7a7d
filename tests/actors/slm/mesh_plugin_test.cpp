#include "actors/slm/mesh_plugin.hpp"

#include "actors/slm/memory_desk.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/actors/slm/fake_daemon.hpp"
#include "tests/support/stage.hpp"

#include <map>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("mesh plugin");

namespace {

struct mesh_stage : stage {
  std::shared_ptr<daemon_record> record = std::make_shared<daemon_record>();
  std::shared_ptr<owner_record> heard = std::make_shared<owner_record>();
  std::shared_ptr<plugin_gauge> gauge = std::make_shared<plugin_gauge>();
  std::shared_ptr<memory_port> port = std::make_shared<memory_port>();

  /// Who holds which lock, as the daemon has it.
  std::map<std::string, std::string> locks;

  /// Grants that another one overwrites.
  bool double_grants = false;
  std::string inbox = R"({"messages":[]})";
  slm_daemon_actor daemon{};
  plugin_owner owner = system.spawn(fake_owner, heard);
  memory_desk_actor desk = system.spawn(memory_desk);
  mesh_plugin_actor plugin{};

  mesh_stage() {
    record->answer = [this](const slm_request& x) { return answer(x); };
    daemon = system.spawn(fake_daemon, record);
    start();
  }

  ~mesh_stage() {
    for (auto& x : {caf::actor_cast<caf::actor>(plugin), caf::actor_cast<caf::actor>(desk), caf::actor_cast<caf::actor>(owner),
                    caf::actor_cast<caf::actor>(daemon)})
      self->send_exit(x, caf::exit_reason::kill);
    settle();
  }

  void start(std::string settings = {}) {
    if (plugin)
      self->send_exit(plugin, caf::exit_reason::kill);
    memory_plugin_settings run{"mesh", 1, owner, gauge, daemon, desk, port, json_text{std::move(settings)}};
    plugin = system.spawn(mesh_plugin, mesh_plugin_settings{run, "hub-1", 52414});
    settle();
  }

  static slm_answer said(std::string json) {
    return read_slm_answer(200, std::move(json), "", "");
  }

  slm_answer answer(const slm_request& x) {
    if (x.target == "/mesh/register")
      return said(R"({"peer_id":"me","ok":true})");
    if (x.target == "/mesh/peers")
      return said(R"({"peers":[{"peer_id":"me"},{"peer_id":"you","agent_type":"claude-code"}]})");
    if (x.target == "/mesh/inbox/me")
      return said(inbox);
    if (x.target == "/mesh/lock")
      return lock(x.body);
    return said(R"({"ok":true})");
  }

  slm_answer lock(std::string_view body) {
    auto name = *rpc::unquote(rpc::member(body, "file_path"));
    auto who = *rpc::unquote(rpc::member(body, "locked_by"));
    auto action = *rpc::unquote(rpc::member(body, "action"));
    auto& holder = locks[name];
    if (action == "acquire") {
      if (!holder.empty() && holder != who)
        return said(R"({"locked":true,"by":")" + holder + R"("})");
      holder = double_grants ? "faster" : who;
      return said(R"({"ok":true,"action":"acquired","fencing_token":7})");
    }
    if (action == "query")
      return said(holder.empty() ? R"({"locked":false})" : R"({"locked":true,"by":")" + holder + R"(","fencing_token":7})");
    holder.clear();
    return said(R"({"ok":true,"action":"released"})");
  }

  void become(slm_state x) {
    self->send(plugin, slm_changed{std::move(x)});
    settle();
  }

  void tell(plugin_event::kind what) {
    REQUIRE(gauge->enter(1, plugin_gauge::news_bytes));
    self->send(plugin, plugin_news{std::make_shared<const plugin_event>(plugin_event{{}, std::move(what)})});
    settle();
  }

  void begin_session(std::string name) {
    auto client = std::make_shared<client_context>();
    client->name = std::move(name);
    tell(plugin_event::session_started{"mark", client, "", false});
  }

  asked<mesh_lock_taken> take(std::string name) {
    auto result = begin_ask<mesh_lock_taken>(desk, take_mesh_lock{std::move(name)});
    settle();
    return result;
  }

  void pass_seconds(int count) {
    for (auto i = 0; i < count; ++i)
      pass(1s);
  }
};

} // namespace

TEST_CASE_FIXTURE(mesh_stage, "the hub registers when the daemon comes, beats, and deregisters as it ends") {
  CHECK(record->asked.empty());
  become(present());
  REQUIRE(record->count("/mesh/register") == 1);
  CHECK(rpc::member(record->bodies("/mesh/register")[0], "session_id") == R"("hub-1")");
  CHECK(heard->state() == "connected as me, 1 peers");
  CHECK(port->mesh_wanted);
  pass_seconds(59);
  CHECK(record->count("/mesh/heartbeat") == 0);
  pass_seconds(2);
  CHECK(record->bodies("/mesh/heartbeat") == std::vector<std::string>{R"({"peer_id":"me"})"});
  self->send(plugin, stop_plugin{});
  settle();
  CHECK(record->bodies("/mesh/deregister") == std::vector<std::string>{R"({"peer_id":"me"})"});
  CHECK(heard->stopped.size() == 1);
  CHECK_FALSE(port->mesh_wanted);
}

TEST_CASE_FIXTURE(mesh_stage, "a peer that was forgotten, or whose daemon was started anew, registers again") {
  become(present());
  record->answer = [this](const slm_request& x) {
    return x.target == "/mesh/heartbeat" ? read_slm_answer(404, R"({"detail":"peer not found"})", "", "") : answer(x);
  };
  pass_seconds(61);
  record->answer = [this](const slm_request& x) { return answer(x); };
  pass_seconds(6);
  CHECK(record->count("/mesh/register") == 2);
  become(away());
  CHECK_FALSE(port->mesh_wanted);
  pass_seconds(120);
  CHECK(record->count("/mesh/register") == 2);
  become(present(2));
  CHECK(record->count("/mesh/register") == 3);
  become(present(3));
  CHECK(record->count("/mesh/register") == 4);
}

TEST_CASE_FIXTURE(mesh_stage, "a daemon that lets nobody in is asked at a bounded rate, and the reason is shown") {
  record->answer = [](const slm_request&) { return read_slm_answer(403, R"({"detail":"no key"})", "", ""); };
  become(present());
  CHECK(heard->state() == "refused: the daemon answers 403: no key");
  pass_seconds(60);
  CHECK(record->count("/mesh/register") <= 13);
  CHECK(record->count("/mesh/register") >= 10);
}

TEST_CASE_FIXTURE(mesh_stage, "sessions and tools are announced to all, together and not too often") {
  become(present());
  begin_session("claude");
  CHECK(record->count("/mesh/send") == 1);
  for (auto i = 0; i < 100; ++i) {
    begin_session("c" + std::to_string(i));
    tell(plugin_event::session_ended{"mark", nullptr, "", "it left"});
  }
  tell(plugin_event::tools_changed{"github", {"a"}, {}, {}, 12});
  pass_seconds(60);
  auto sent = record->bodies("/mesh/send");
  CHECK(sent.size() <= 5);
  CHECK(rpc::unquote(rpc::member(sent[0], "content")) == "session started: claude");
  CHECK(rpc::member(sent[0], "to") == R"("broadcast")");
}

TEST_CASE_FIXTURE(mesh_stage, "use is told in the summary, where it takes no message from anybody") {
  become(present());
  auto calls = std::make_shared<const std::vector<call_record>>(500, record_of("search"));
  REQUIRE(gauge->enter(calls->size(), weight_of(*calls)));
  self->send(plugin, calls_ended{calls});
  settle();
  pass_seconds(30);
  CHECK(record->count("/mesh/send") == 0);
  REQUIRE(record->count("/mesh/summary") == 1);
  CHECK(rpc::unquote(rpc::member(record->bodies("/mesh/summary")[0], "summary")) == "MCP hub, 0 sessions; used: github 500");
  CHECK(gauge->records == 0);
}

TEST_CASE_FIXTURE(mesh_stage, "use is told to all as a digest, as often as the settings say") {
  auto use = [this] {
    auto calls = std::make_shared<const std::vector<call_record>>(100, record_of("search"));
    REQUIRE(gauge->enter(calls->size(), weight_of(*calls)));
    self->send(plugin, calls_ended{calls});
    settle();
  };
  start(R"({"usage_digest_s":60})");
  become(present());
  for (auto i = 0; i < 5; ++i) {
    use();
    pass_seconds(10);
  }
  CHECK(record->count("/mesh/send") == 0);
  pass_seconds(12);
  REQUIRE(record->count("/mesh/send") == 1);
  auto body = record->bodies("/mesh/send")[0];
  CHECK(rpc::member(body, "to") == "\"broadcast\"");
  CHECK(rpc::member(body, "content") == "\"used: github 500\"");
  pass_seconds(120);
  CHECK(record->count("/mesh/send") == 1);
}

TEST_CASE_FIXTURE(mesh_stage, "messages are read once and kept") {
  inbox = R"({"messages":[{"id":5,"from_peer":"you","content":"hello","read":0,"target_type":"peer"}]})";
  become(present());
  CHECK(record->bodies("/mesh/inbox/me/read") == std::vector<std::string>{R"({"message_ids":[5]})"});
  pass_seconds(30);
  CHECK(record->count("/mesh/inbox/me/read") == 1);
  auto told = ask<report>(desk, get_report{"mesh", {}});
  CHECK(told.status == 200);
  CHECK_FALSE(rpc::check_json(told.text));
  CHECK(told.text.find(R"("text":"hello")") != std::string::npos);
  CHECK(told.text.find(R"("agent":"claude-code")") != std::string::npos);
  // As a resource, too.
  CHECK(ask<recalled>(desk, get_recall{get_recall::source::mesh, "", "", 5s}).text == told.text);
}

TEST_CASE_FIXTURE(mesh_stage, "a message is sent for people, and what the daemon says of it is passed on") {
  CHECK(ask<report>(desk, get_report{"mesh/send", "to=you&text=hi", true}).status == 409);
  become(present());
  CHECK(ask<report>(desk, get_report{"mesh/send", "to=you&text=hi%20there%26", true}).status == 200);
  CHECK(rpc::unquote(rpc::member(record->bodies("/mesh/send").back(), "content")) == "hi there&");
  CHECK(ask<report>(desk, get_report{"mesh/send", "to=you", true}).status == 400);
  CHECK(ask<report>(desk, get_report{"mesh/send", "to=you&text=" + std::string(4097, 'a'), true}).status == 400);
  record->answer = [](const slm_request&) { return read_slm_answer(404, R"({"detail":"recipient peer not found"})", "", ""); };
  auto refused = ask<report>(desk, get_report{"mesh/send", "to=nobody&text=hi", true});
  CHECK(refused.status == 409);
  CHECK(refused.text.find("recipient peer not found") != std::string::npos);
}

TEST_CASE_FIXTURE(mesh_stage, "a lock is granted when the daemon has confirmed it") {
  become(present());
  auto mine = take("db");
  CHECK_FALSE(mine.answered());
  pass(50ms);
  CHECK(mine.value().outcome == mesh_lock_outcome::granted);
  CHECK(mine.value().token == 7);
  CHECK(locks["hub:db"] == "me");
  self->send(desk, release_mesh_lock{"db"});
  settle();
  CHECK(locks["hub:db"].empty());
  // Files are locked by their paths, as other agents do.
  take("/srv/a");
  CHECK(locks["/srv/a"] == "me");
}

TEST_CASE_FIXTURE(mesh_stage, "a lock of another agent is busy, also where the daemon has granted it twice") {
  become(present());
  locks["hub:db"] = "you";
  CHECK(take("db").value().outcome == mesh_lock_outcome::busy);
  CHECK(take("db").value().holder == "you");
  double_grants = true;
  auto lost = take("other");
  pass(50ms);
  CHECK(lost.value().outcome == mesh_lock_outcome::busy);
  CHECK(lost.value().holder == "faster");
}

TEST_CASE_FIXTURE(mesh_stage, "without the mesh locks are answered at once, and a daemon that goes in between is none") {
  CHECK(take("db").value().outcome == mesh_lock_outcome::off);
  become(present());
  auto mine = take("db");
  record->answer = [](const slm_request&) { return slm_answer{}; };
  pass(50ms);
  CHECK(mine.value().outcome == mesh_lock_outcome::off);
}

TEST_CASE_FIXTURE(mesh_stage, "locks are given back as the hub ends") {
  become(present());
  take("db");
  pass(50ms);
  self->send(plugin, stop_plugin{});
  settle();
  CHECK(locks["hub:db"].empty());
  CHECK(heard->stopped.size() == 1);
}

TEST_CASE_FIXTURE(mesh_stage, "locks that are held for long are renewed") {
  become(present());
  take("db");
  pass(50ms);
  auto before = record->count("/mesh/lock");
  for (auto i = 0; i < 61; ++i)
    pass_seconds(60);
  CHECK(record->count("/mesh/lock") == before + 1);
}

TEST_CASE_FIXTURE(mesh_stage, "a daemon that is frozen does not hold up the end") {
  become(present());
  record->silent = true;
  self->send(plugin, stop_plugin{});
  settle();
  CHECK(heard->stopped.empty());
  pass_seconds(3);
  CHECK(heard->stopped.size() == 1);
}

TEST_SUITE_END();
