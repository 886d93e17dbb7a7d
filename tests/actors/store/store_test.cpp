#include "actors/store/store.hpp"

#include "tests/support/scratch_folder.hpp"
#include "tests/support/stage.hpp"

#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/resource.h>

using namespace hub;
using namespace hub::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("store");

namespace {

/// While it lives, no file of this process can be written.
struct full_disk {
  full_disk() {
    ::getrlimit(RLIMIT_FSIZE, &before);
    auto none = before;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_FSIZE, &none);
  }

  ~full_disk() {
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }

  rlimit before{};
  void (*handler)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

struct store_stage : stage {
  scratch_folder folder;
  std::string file = folder.at("hub.db");
  std::shared_ptr<store_trouble> trouble = std::make_shared<store_trouble>();
  int tries = 0;
  wired_store_actor store;

  ~store_stage() {
    self->send_exit(store, caf::exit_reason::kill);
    settle();
  }

  /// A store whose database cannot be opened, because a folder is in its place.
  void begin_without() {
    std::filesystem::create_directory(file);
    trouble->store(std::make_shared<const std::string>("no file"));
    store = system.spawn(hub::store, std::shared_ptr<database>{}, trouble, [this] {
      ++tries;
      return database::open(file);
    });
    settle();
  }

  void keep(const std::string& name) {
    self->send(caf::actor_cast<note_store_actor>(store), keep_note{name, "x"});
    settle();
    pass(50ms);
  }

  std::string said() const {
    auto text = trouble->load();
    return text ? *text : "";
  }

  std::string kept(const std::string& name) const {
    auto opened = database::open(file);
    return std::get<std::string>(std::get<std::unique_ptr<database>>(opened)->load_note(name));
  }
};

} // namespace

TEST_CASE_FIXTURE(store_stage, "a database that could not be opened is tried again, each half minute at most") {
  begin_without();
  for (int i = 0; i < 100; ++i)
    keep("lost");
  CHECK(tries == 0);
  pass(30s);
  CHECK(tries == 1);
  CHECK(said().find("hub.db is not a file") != std::string::npos);
  CHECK(said().find("tried again") != std::string::npos);
  std::filesystem::remove(file);
  pass(30s);
  CHECK(tries == 2);
  CHECK(said() == "");
  keep("a");
  CHECK(kept("a") == "x");
  pass(10min);
  CHECK(tries == 2);
}

TEST_CASE_FIXTURE(store_stage, "what an earlier hub kept is not replaced by what this one learnt without it") {
  begin_without();
  std::filesystem::remove(file);
  {
    auto opened = database::open(file);
    database_change change = note_row{"a", "before"};
    CHECK_FALSE(std::get<std::unique_ptr<database>>(opened)->apply({&change, 1}));
  }
  pass(31s);
  CHECK(said().find("slm-hub restart") != std::string::npos);
  keep("a");
  CHECK(kept("a") == "before");
  pass(10min);
  CHECK(tries == 1);
}

TEST_CASE_FIXTURE(store_stage, "a disk that takes nothing is told, and so is that it takes something again, if nothing else is written") {
  auto opened = database::open(file);
  store = system.spawn(hub::store, std::shared_ptr<database>{std::move(std::get<std::unique_ptr<database>>(opened))}, trouble,
                       database_opener{});
  keep("a");
  CHECK(said() == "");
  {
    full_disk full;
    keep("b");
    CHECK(said() != "");
    pass(10min);
    CHECK(said() != "");
  }
  pass(30s);
  CHECK(said() == "");
  CHECK(kept("a") == "x");
  CHECK(kept("b") == "");
  CHECK(kept("probe") == "");
}

TEST_SUITE_END();
