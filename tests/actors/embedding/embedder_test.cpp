#include "actors/embedding/embedder.hpp"

#include "actors/embedding/embedding_text.hpp"
#include "messages/rpc/json_scan.hpp"
#include "tests/actors/session/door_snapshot.hpp"
#include "tests/support/stage.hpp"

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("embedder");

namespace {

/// An endpoint whose vectors say whether a text is about notes or about branches.
struct endpoint {
  int status = 200;
  std::vector<std::vector<std::string>> asked;
  std::vector<keep_note> notes;

  web_answer answer(const fetch_document& x) {
    CHECK(x.request.url == "http://127.0.0.1:1/v1/embeddings");
    asked.emplace_back();
    std::string data;
    rpc::for_each_element(rpc::member(x.request.body, "input"), [&](std::string_view text) {
      asked.back().push_back(rpc::unquote(text).value_or(""));
      auto has = [&](const char* word) { return asked.back().back().find(word) != std::string::npos; };
      data += (data.empty() ? "" : ",") + std::string{R"({"embedding":[)"} + (has("note") || has("memo") ? "1" : "0") + ","
              + (has("branch") ? "1" : "0") + ",0.1]}";
      return true;
    });
    return {status, "", R"({"data":[)" + data + "]}", status == 0 ? "refused the connection" : ""};
  }
};

web_actor::behavior_type fake_web(web_actor::pointer, endpoint* x) {
  return {[x](const fetch_document& question) { return x->answer(question); }};
}

note_store_actor::behavior_type fake_store(note_store_actor::pointer, endpoint* x) {
  return {[x](const keep_note& note) { x->notes.push_back(note); }};
}

struct embedder_stage : stage {
  endpoint there;
  snapshot_ptr snapshot = make_snapshot();
  meaning_actor actor;

  static snapshot_ptr make_snapshot() {
    return std::make_shared<const catalog_snapshot>(three_servers());
  }

  ~embedder_stage() {
    end();
  }

  /// Timers hold actors until they are due.
  void end() {
    if (actor)
      self->send_exit(actor, caf::exit_reason::user_shutdown);
    actor = nullptr;
    pass(6min);
  }

  void begin(std::string kept = {}) {
    end();
    embedder_settings settings;
    settings.url = embeddings_url("http://127.0.0.1:1");
    settings.model = "m";
    settings.web = system.spawn(fake_web, &there);
    settings.notes = system.spawn(fake_store, &there);
    settings.kept = std::move(kept);
    actor = system.spawn(embedder, std::move(settings));
    publish();
  }

  void publish() {
    self->send(actor, catalog_published{snapshot});
    settle();
  }

  std::vector<uint32_t> nearest(std::string request) {
    auto ranked = ask<meaning_ranked>(actor, rank_by_meaning{std::move(request), snapshot});
    CHECK(ranked.snapshot == snapshot);
    return ranked.tools;
  }

  std::string told(std::string_view key) {
    return std::string{rpc::member(ask<report>(actor, get_report{"embeddings", ""}).text, key)};
  }
};

} // namespace

TEST_CASE_FIXTURE(embedder_stage, "each tool gets a vector once, and requests find the nearest") {
  begin();
  REQUIRE(there.asked.size() == 1);
  CHECK(there.asked[0].size() == 3);
  CHECK(told("vectors") == "3");
  CHECK(nearest("put down a memo") == std::vector<uint32_t>{2});
  CHECK(nearest("branches") == std::vector<uint32_t>{1});
  publish();
  CHECK(there.asked.size() == 3);
  nearest("branches");
  CHECK(there.asked.size() == 3);
}

TEST_CASE_FIXTURE(embedder_stage, "snapshots that follow each other do not ask twice") {
  begin();
  auto servers = three_servers();
  servers.push_back(make_server("more", make_catalogue("more", {{R"({"name":"delete_branch"})"}, {}, {}, {}})));
  for (int i = 0; i < 3; ++i)
    self->send(actor, catalog_published{std::make_shared<const catalog_snapshot>(servers)});
  settle();
  CHECK(there.asked.size() == 2);
  CHECK(there.notes.size() == 2);
}

TEST_CASE_FIXTURE(embedder_stage, "only what is new is made into vectors, also after a restart") {
  begin();
  REQUIRE(there.notes.size() == 1);
  CHECK(there.notes[0].name == "vectors");
  auto kept = there.notes[0].payload;
  begin(kept);
  CHECK(there.asked.size() == 1);
  CHECK(nearest("memo") == std::vector<uint32_t>{2});
  auto servers = three_servers();
  servers.push_back(make_server("more", make_catalogue("more", {{R"({"name":"delete_branch"})"}, {}, {}, {}})));
  snapshot = std::make_shared<const catalog_snapshot>(servers);
  publish();
  CHECK(there.asked.back() == std::vector<std::string>{"delete branch (more)"});
  CHECK(nearest("branch") == std::vector<uint32_t>{1, 3});
}

TEST_CASE_FIXTURE(embedder_stage, "an endpoint that fails is left alone for a while, and searches get nothing at once") {
  there.status = 0;
  begin();
  CHECK(there.asked.size() == 1);
  CHECK(told("error") == R"("refused the connection")");
  CHECK(nearest("memo").empty());
  CHECK(there.asked.size() == 1);
  pass(2s);
  CHECK(there.asked.size() == 2);
  pass(3s);
  CHECK(there.asked.size() == 2);
  there.status = 200;
  pass(1s);
  CHECK(there.asked.size() == 3);
  CHECK(told("error") == R"("")");
  CHECK(nearest("memo") == std::vector<uint32_t>{2});
  there.status = 500;
  CHECK(nearest("another memo").empty());
  auto asked = there.asked.size();
  CHECK(nearest("a third memo").empty());
  CHECK(there.asked.size() == asked);
  CHECK(nearest("memo") == std::vector<uint32_t>{2});
}

TEST_CASE_FIXTURE(embedder_stage, "a text that the endpoint refuses is left out in the end") {
  there.status = 400;
  begin();
  for (int i = 0; i < 20; ++i)
    pass(5min);
  CHECK(told("waiting") == "0");
  CHECK(told("vectors") == "0");
  CHECK(there.asked.back().size() == 1);
}

TEST_SUITE_END();
