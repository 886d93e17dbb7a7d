#include "messages/memory.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/actors/session/session_stage.hpp"

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("session recall");

namespace {

struct memory_record {
  std::string says = "the notes";
  std::vector<get_recall> asked;
};

recall_actor::behavior_type fake_memory(recall_actor::pointer, std::shared_ptr<memory_record> record) {
  return {[record](const get_recall& x) {
    record->asked.push_back(x);
    return recalled{record->says};
  }};
}

struct memory_stage : session_stage {
  std::shared_ptr<memory_record> record = std::make_shared<memory_record>();
  std::shared_ptr<memory_port> port = std::make_shared<memory_port>();
  session_found client;

  memory_stage() {
    port->to = system.spawn(fake_memory, record);
    port->wanted = true;
    self->send_exit(registry, caf::exit_reason::user_shutdown);
    settings.federation.memory = port;
    registry = system.spawn(session_registry, settings);
    settle();
  }

  ~memory_stage() {
    client = {};
    self->send_exit(port->to, caf::exit_reason::kill);
  }

  std::string ask_for(std::string_view method, std::string_view params = "{}") {
    if (!client.session)
      client = open();
    return std::string{begin(client.session, method, params).value().body.view()};
  }

  std::string instructions(std::string_view method = "initialize") {
    return rpc::unquote(rpc::member(ask_for(method), "instructions")).value_or("");
  }
};

} // namespace

TEST_CASE_FIXTURE(memory_stage, "what the memory holds stands at the end of the instructions") {
  CHECK(instructions().ends_with("server__tool.\n\nthe notes"));
  REQUIRE(record->asked.size() == 1);
  CHECK(record->asked[0].limit == 250ms);
  CHECK_FALSE(record->asked[0].session.empty());
}

TEST_CASE_FIXTURE(memory_stage, "where the memory holds nothing the instructions are as without it") {
  record->says.clear();
  auto with = instructions();
  port->wanted = false;
  CHECK(instructions() == with);
  CHECK(record->asked.size() == 1);
}

TEST_CASE_FIXTURE(memory_stage, "what the memory holds is a resource and a prompt, while it is there") {
  CHECK(ask_for("resources/list").find(R"("hub://memory/session-context")") != std::string::npos);
  CHECK(ask_for("prompts/list").find(R"("hub__memory")") != std::string::npos);
  auto read = ask_for("resources/read", R"({"uri":"hub://memory/session-context"})");
  CHECK(read == R"({"contents":[{"uri":"hub://memory/session-context","mimeType":"text/plain","text":"the notes"}]})");
  CHECK(ask_for("prompts/get", R"({"name":"hub__memory"})").find(R"("text":"the notes")") != std::string::npos);
  CHECK(ask_for("resources/list").find("hub://mesh/messages") == std::string::npos);
  port->mesh_wanted = true;
  CHECK(ask_for("resources/list").find("hub://mesh/messages") != std::string::npos);
  record->says = R"({"peers":[]})";
  CHECK(ask_for("resources/read", R"({"uri":"hub://mesh/messages"})").find(R"({\"peers\":[]})") != std::string::npos);
  CHECK(record->asked.back().from == get_recall::source::mesh);
  port->wanted = false;
  CHECK(ask_for("resources/list").find("hub://memory") == std::string::npos);
  CHECK(ask_for("prompts/list").find("hub__memory") == std::string::npos);
}

TEST_CASE_FIXTURE(memory_stage, "a client that is to see nothing of the memory is told that there is none") {
  settings.federation.memory = nullptr;
  self->send_exit(registry, caf::exit_reason::user_shutdown);
  registry = system.spawn(session_registry, settings);
  settle();
  CHECK(instructions().ends_with("server__tool."));
  CHECK(begin(open().session, "resources/read", R"({"uri":"hub://memory/session-context"})").value().kind == answer_kind::error);
  CHECK(record->asked.empty());
}
