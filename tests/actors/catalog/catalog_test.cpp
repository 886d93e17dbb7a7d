#include "actors/catalog/catalog.hpp"

#include "tests/support/plugin_diary.hpp"
#include "tests/support/stage.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("catalog");

namespace {

using snapshots = std::vector<snapshot_ptr>;

catalog_reader::behavior_type reader(snapshots& seen) {
  return {[&seen](const catalog_published& x) { seen.push_back(x.snapshot); }};
}

store_actor::behavior_type keeper(std::vector<catalogue_ptr>& kept) {
  return {
    [&kept](const catalogue_learned& x) { kept.push_back(x.catalogue); },
    [](write_batch) {},
  };
}

std::shared_ptr<server_catalogue> offers(std::vector<std::string> tools) {
  auto result = std::make_shared<server_catalogue>();
  result->server = "s";
  result->fingerprint = "f";
  for (auto& name : tools)
    result->tools.push_back(json_text{R"({"name":")" + name + R"("})"});
  return result;
}

struct library : stage {
  snapshots seen;
  std::vector<catalogue_ptr> kept;
  catalog_actor actor;
  plugin_diary diary{*this};

  library() {
    known_server server;
    server.name = "s";
    server.fingerprint = "f";
    actor = system.spawn(catalog, std::vector<known_server>{server},
                         std::vector<server_group>{}, system.spawn(keeper, std::ref(kept)), pin_book{},
                         pin_store_actor{}, diary.port);
    self->send(actor, subscribe_catalog{system.spawn(reader, std::ref(seen))});
    settle();
  }

  size_t tools_after(std::shared_ptr<server_catalogue> news) {
    self->send(actor, catalogue_learned{std::move(news)});
    pass(1s);
    return seen.back()->tools().size();
  }
};

} // namespace

TEST_CASE("a list that a server did not tell this time is the one known before, in memory and on disk") {
  library x;
  CHECK(x.tools_after(offers({"a", "b"})) == 2);
  auto silent = offers({});
  silent->untold.tools = true;
  CHECK(x.tools_after(silent) == 2);
  REQUIRE(x.kept.size() == 2);
  CHECK(x.kept.back()->tools.size() == 2);
  CHECK(x.tools_after(offers({})) == 0);
}

TEST_CASE("what was learnt under another configuration is not taken") {
  library x;
  auto old = offers({"a"});
  old->fingerprint = "before";
  CHECK(x.tools_after(old) == 0);
  CHECK(x.kept.empty());
}

TEST_CASE("plugins hear which tools of a server are new, gone or others") {
  library x;
  x.tools_after(offers({"a", "b"}));
  CHECK(x.diary.last<plugin_event::tools_changed>().added == std::vector<std::string>{"a", "b"});
  auto news = offers({"b", "c"});
  news->tools[0] = json_text{R"({"name":"b","description":"another"})"};
  x.tools_after(news);
  auto told = x.diary.last<plugin_event::tools_changed>();
  CHECK(told.server == "s");
  CHECK(told.added == std::vector<std::string>{"c"});
  CHECK(told.removed == std::vector<std::string>{"a"});
  CHECK(told.changed == std::vector<std::string>{"b"});
  CHECK(told.tools == 2);
  x.tools_after(news);
  CHECK(x.diary.told->size() == 2);
}
