#include "actors/store/database.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace hub;

TEST_SUITE_BEGIN("database");

namespace {

namespace fs = std::filesystem;

/// A folder that is gone after the test.
struct folder {
  folder() {
    std::string name = fs::temp_directory_path() / "hub-database-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }

  ~folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }

  std::string file() const {
    return path / "hub.db";
  }

  /// The files that were moved aside.
  std::vector<fs::path> aside() const {
    std::vector<fs::path> result;
    for (auto& x : fs::directory_iterator{path})
      if (x.path().filename().string().starts_with("hub.db.corrupt-"))
        result.push_back(x.path());
    return result;
  }

  fs::path path;
};

std::unique_ptr<database> open(const folder& where) {
  auto result = database::open(where.file());
  auto error = std::get_if<database_error>(&result);
  REQUIRE_MESSAGE(error == nullptr, error->message);
  return std::get<std::unique_ptr<database>>(std::move(result));
}

std::string error_of(const database::opened& x) {
  REQUIRE(std::holds_alternative<database_error>(x));
  return std::get<database_error>(x).message;
}

std::vector<catalogue_row> rows_of(database& from) {
  auto result = from.load_catalogues();
  REQUIRE(std::holds_alternative<std::vector<catalogue_row>>(result));
  return std::get<std::vector<catalogue_row>>(std::move(result));
}

catalogue_row row(std::string server, std::string payload = "{}") {
  return {std::move(server), "f1", "stateless", std::move(payload), 1'700'000'000};
}

/// Runs `f` in a process of its own. Returns what it returned, or 255 if it died.
int in_child(const std::function<int()>& f) {
  auto pid = ::fork();
  if (pid == 0)
    ::_exit(f());
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream{path, std::ios::binary} << text;
}

} // namespace

TEST_CASE("what is saved is there the next time") {
  folder where;
  auto payload = std::string("{\"tools\":[\0\xff]}", 14) + std::string(100'000, 'x');
  {
    auto disk = open(where);
    CHECK_FALSE(disk->save_catalogue(row("b", payload)));
    CHECK_FALSE(disk->save_catalogue(row("a")));
    CHECK_FALSE(disk->save_catalogue({"", "", "", "", -1}));
  }
  auto rows = rows_of(*open(where));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].server == "");
  CHECK(rows[0].learned_at == -1);
  CHECK(rows[1].server == "a");
  CHECK(rows[2].payload == payload);
  CHECK(rows[2].fingerprint == "f1");
  CHECK(rows[2].era == "stateless");
  CHECK(rows[2].learned_at == 1'700'000'000);
}

TEST_CASE("a newer catalogue replaces the older one, and forgetting removes it") {
  folder where;
  auto disk = open(where);
  CHECK_FALSE(disk->save_catalogue(row("a", "old")));
  CHECK_FALSE(disk->save_catalogue(row("a", "new")));
  REQUIRE(rows_of(*disk).size() == 1);
  CHECK(rows_of(*disk)[0].payload == "new");
  CHECK_FALSE(disk->forget_catalogue("a"));
  CHECK_FALSE(disk->forget_catalogue("never there"));
  CHECK(rows_of(*disk).empty());
}

TEST_CASE("a batch is written in its order") {
  folder where;
  auto disk = open(where);
  std::vector<database_change> changes{row("a"), row("b"), forgotten_catalogue{"a"}, row("c"), row("b", "last")};
  CHECK_FALSE(disk->apply(changes));
  auto rows = rows_of(*disk);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].payload == "last");
  CHECK(rows[1].server == "c");
  CHECK_FALSE(disk->apply({}));
}

TEST_CASE("the file and its log are private") {
  folder where;
  auto mode = [](const std::string& path) {
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 0777;
  };
  auto old_mask = ::umask(0);
  {
    auto disk = open(where);
    CHECK_FALSE(disk->save_catalogue(row("a")));
    CHECK(mode(where.file()) == 0600);
    CHECK(mode(where.file() + "-wal") == 0600);
  }
  REQUIRE(::chmod(where.file().c_str(), 0644) == 0);
  open(where);
  CHECK(mode(where.file()) == 0600);
  ::umask(old_mask);
}

TEST_CASE("a file that is no database is moved aside") {
  folder where;
  write_file(where.file(), std::string(5000, '?'));
  auto disk = open(where);
  CHECK(disk->take_notice().find("moved to " + where.file() + ".corrupt-") != std::string::npos);
  CHECK(disk->take_notice().empty());
  CHECK(where.aside().size() == 1);
  CHECK(fs::file_size(where.aside()[0]) == 5000);
  CHECK_FALSE(disk->save_catalogue(row("a")));
  CHECK(rows_of(*disk).size() == 1);
}

TEST_CASE("two broken files in one second are both kept") {
  folder where;
  for (int i = 0; i < 2; ++i) {
    write_file(where.file(), std::string(5000, '?'));
    open(where);
    fs::remove(where.file());
  }
  CHECK(where.aside().size() == 2);
}

TEST_CASE("damage inside is found when it is read, and begun anew") {
  folder where;
  {
    auto disk = open(where);
    for (int i = 0; i < 50; ++i)
      CHECK_FALSE(disk->save_catalogue(row("server" + std::to_string(i), std::string(3000, 'x'))));
  }
  // All but the first page, which tells that this is a database.
  auto size = fs::file_size(where.file());
  std::fstream file{where.file(), std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(4096);
  file << std::string(size - 4096, '\xee');
  file.close();
  auto disk = open(where);
  CHECK(rows_of(*disk).empty());
  CHECK_FALSE(disk->take_notice().empty());
  CHECK(where.aside().size() == 1);
  CHECK_FALSE(disk->save_catalogue(row("a")));
  CHECK(rows_of(*disk).size() == 1);
}

TEST_CASE("damage is found when it is written over, and nothing is lost of the batch") {
  folder where;
  {
    auto disk = open(where);
    for (int i = 0; i < 50; ++i)
      CHECK_FALSE(disk->save_catalogue(row("server" + std::to_string(i), std::string(3000, 'x'))));
  }
  auto size = fs::file_size(where.file());
  std::fstream file{where.file(), std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(4096);
  file << std::string(size - 4096, '\xee');
  file.close();
  auto disk = open(where);
  CHECK_FALSE(disk->save_catalogue(row("a")));
  CHECK_FALSE(disk->take_notice().empty());
  CHECK(rows_of(*disk).size() == 1);
}

TEST_CASE("a file cut short is not taken for a whole one") {
  folder where;
  {
    auto disk = open(where);
    CHECK_FALSE(disk->save_catalogue(row("a", std::string(100'000, 'x'))));
  }
  fs::resize_file(where.file(), 10'000);
  auto disk = open(where);
  CHECK(rows_of(*disk).empty());
  CHECK_FALSE(disk->save_catalogue(row("b")));
}

TEST_CASE("an empty file becomes a database") {
  folder where;
  write_file(where.file(), "");
  auto disk = open(where);
  CHECK(disk->take_notice().empty());
  CHECK_FALSE(disk->save_catalogue(row("a")));
}

TEST_CASE("a file of a newer hub is left alone") {
  folder where;
  open(where);
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(where.file().c_str(), &other) == SQLITE_OK);
  CHECK(sqlite3_exec(other, "PRAGMA user_version=99", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(other);
  auto error = error_of(database::open(where.file()));
  CHECK(error.find("newer slm-hub (format 99") != std::string::npos);
  CHECK(where.aside().empty());
}

TEST_CASE("a missing folder, a folder in its place: each error names the path and a way out") {
  folder where;
  auto missing = error_of(database::open(where.path / "none" / "hub.db"));
  CHECK(missing.find(where.path / "none" / "hub.db") != std::string::npos);
  CHECK(missing.find("No such file or directory; ") != std::string::npos);
  fs::create_directory(where.file());
  CHECK(error_of(database::open(where.file())).find("is not a file; ") != std::string::npos);
}

TEST_CASE("a folder that cannot be written to is an error and no more") {
  folder where;
  fs::permissions(where.path, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read
                                | fs::perms::others_exec);
  auto exit_code = in_child([&] {
    // Nothing is read-only for root.
    constexpr uid_t nobody = 65534;
    if (::getuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0)
      return 2;
    auto result = database::open(where.file());
    auto error = std::get_if<database_error>(&result);
    return error != nullptr && error->message.find("Permission denied; ") != std::string::npos ? 0 : 1;
  });
  CHECK(exit_code == 0);
  fs::permissions(where.path, fs::perms::owner_all);
}

TEST_CASE("a full disk costs the batch, and the next one works when there is room") {
  folder where;
  auto exit_code = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    auto opened = database::open(where.file());
    if (!std::holds_alternative<std::unique_ptr<database>>(opened))
      return 1;
    auto& disk = std::get<std::unique_ptr<database>>(opened);
    if (disk->save_catalogue(row("before")))
      return 2;
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    auto unlimited = limit.rlim_cur;
    limit.rlim_cur = 200'000;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto large = row("large", std::string(1'000'000, 'x'));
    auto error = disk->save_catalogue(large);
    if (!error || error->message.find("cannot write to") != 0)
      return 3;
    auto kept = disk->load_catalogues();
    auto rows = std::get_if<std::vector<catalogue_row>>(&kept);
    if (rows == nullptr || rows->size() != 1 || (*rows)[0].server != "before")
      return 4;
    limit.rlim_cur = unlimited;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return disk->save_catalogue(large) ? 5 : 0;
  });
  CHECK(exit_code == 0);
  CHECK(rows_of(*open(where)).size() == 2);
}

TEST_CASE("two processes write to one file and lose nothing") {
  folder where;
  constexpr int each = 60;
  auto write_all = [&](const std::string& who) {
    auto opened = database::open(where.file());
    if (!std::holds_alternative<std::unique_ptr<database>>(opened))
      return 1;
    // Who waits in vain for the other process is told, and may try again.
    auto tries = 0;
    for (int i = 0; i < each;)
      if (!std::get<std::unique_ptr<database>>(opened)->save_catalogue(row(who + std::to_string(i))))
        ++i;
      else if (++tries > 20)
        return 2;
    return 0;
  };
  auto first = ::fork();
  if (first == 0)
    ::_exit(write_all("child"));
  CHECK(write_all("parent") == 0);
  int status = 0;
  ::waitpid(first, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(rows_of(*open(where)).size() == 2 * each);
}

TEST_CASE("a hub that is killed while writing leaves whole batches") {
  folder where;
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  auto writer = ::fork();
  if (writer == 0) {
    auto opened = database::open(where.file());
    for (int i = 0;; ++i) {
      std::vector<database_change> pair{row("a", std::to_string(i)), row("b", std::to_string(i))};
      if (std::get<std::unique_ptr<database>>(opened)->apply(pair))
        ::_exit(1);
      if (::write(pipe_ends[1], "x", 1) != 1)
        ::_exit(2);
    }
  }
  ::close(pipe_ends[1]);
  char byte = 0;
  for (int i = 0; i < 20; ++i)
    CHECK(::read(pipe_ends[0], &byte, 1) == 1);
  ::kill(writer, SIGKILL);
  int status = 0;
  ::waitpid(writer, &status, 0);
  ::close(pipe_ends[0]);
  auto disk = open(where);
  auto rows = rows_of(*disk);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].payload == rows[1].payload);
  CHECK(std::stoi(rows[0].payload) >= 19);
  CHECK(disk->take_notice().empty());
}

namespace {

session_row session_at(std::string id, int64_t used_at) {
  return {std::move(id), "s", "g", "2025-11-25", R"({"name":"c"})", "{}", 3, used_at};
}

std::vector<std::string> ids_of(database& disk, int64_t oldest, size_t limit) {
  std::vector<std::string> result;
  auto loaded = disk.load_sessions(oldest, limit);
  for (auto& x : std::get<std::vector<session_row>>(loaded))
    result.push_back(x.id);
  return result;
}

} // namespace

TEST_CASE("sessions are kept, touched and forgotten") {
  folder where;
  auto disk = open(where);
  std::vector<database_change> changes{session_at("a", 10), session_at("b", 20), session_at("c", 30),
                                       touched_session{"a", 5, 40}, touched_session{"none", 5, 40},
                                       forgotten_session{"b"}};
  CHECK(!disk->apply(changes));
  disk = open(where);
  auto loaded = disk->load_sessions(0, 10);
  auto& rows = std::get<std::vector<session_row>>(loaded);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].id == "a");
  CHECK(rows[0].logs == 5);
  CHECK(rows[0].used_at == 40);
  CHECK(rows[0].server == "s");
  CHECK(rows[0].group == "g");
  CHECK(rows[0].protocol_version == "2025-11-25");
  CHECK(rows[0].info == R"({"name":"c"})");
}

TEST_CASE("sessions that are too old or too many are forgotten as they are loaded") {
  folder where;
  auto disk = open(where);
  std::vector<database_change> changes{session_at("old", 5), session_at("a", 10), session_at("b", 20),
                                       session_at("c", 30)};
  CHECK(!disk->apply(changes));
  CHECK(ids_of(*disk, 10, 2) == std::vector<std::string>{"c", "b"});
  CHECK(ids_of(*disk, 0, 10) == std::vector<std::string>{"c", "b"});
}

TEST_CASE("a file of format 2 keeps its sessions, which are nobody's") {
  folder where;
  CHECK(!open(where)->save_catalogue(row("a", "x")));
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(where.file().c_str(), &other) == SQLITE_OK);
  CHECK(sqlite3_exec(other,
                     "ALTER TABLE session DROP COLUMN principal; ALTER TABLE session DROP COLUMN project; "
                     "INSERT INTO session VALUES('old', 's', '', 'v', '{}', '{}', 0, 7); PRAGMA user_version=2",
                     nullptr, nullptr, nullptr)
        == SQLITE_OK);
  sqlite3_close(other);
  auto disk = open(where);
  auto owned = session_at("new", 10);
  owned.principal = "id-1";
  owned.project = "/work";
  std::vector<database_change> changes{owned};
  CHECK(!disk->apply(changes));
  auto loaded = disk->load_sessions(0, 10);
  auto& rows = std::get<std::vector<session_row>>(loaded);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].principal == "id-1");
  CHECK(rows[0].project == "/work");
  CHECK(rows[1].id == "old");
  CHECK(rows[1].principal == "");
}

TEST_CASE("a file of format 1 gets its table of sessions") {
  folder where;
  CHECK(!open(where)->save_catalogue(row("a", "x")));
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(where.file().c_str(), &other) == SQLITE_OK);
  CHECK(sqlite3_exec(other, "DROP TABLE session; PRAGMA user_version=1", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(other);
  auto disk = open(where);
  CHECK(rows_of(*disk).size() == 1);
  std::vector<database_change> changes{session_at("a", 10)};
  CHECK(!disk->apply(changes));
  CHECK(ids_of(*disk, 0, 10).size() == 1);
}

TEST_CASE("what calls have cost is there the next time, and what is too old is not") {
  folder where;
  auto cost_of = [](int64_t day, std::string tool, int64_t cents) {
    return cost_row{day, "exa", std::move(tool), "c", 3, money::of_cents(cents), 1, money::of_units(1)};
  };
  auto load = [](database& from, int64_t oldest, size_t limit) {
    auto result = from.load_costs(oldest, limit);
    REQUIRE(std::holds_alternative<database::kept_costs>(result));
    return std::get<database::kept_costs>(std::move(result));
  };
  {
    auto disk = open(where);
    std::vector<database_change> changes{cost_of(10, "a", 1), cost_of(11, "a", 2), cost_of(12, "a", 3), cost_of(12, "a", 4),
                                         spent_row{"global/day", 86'400, money::of_cents(5)},
                                         spent_row{"global/day", 172'800, money::of_cents(6)}};
    CHECK_FALSE(disk->apply(changes));
  }
  auto found = load(*open(where), 11, 100);
  REQUIRE(found.rows.size() == 2);
  CHECK(found.rows[0].day == 12);
  CHECK(found.rows[0].cost == money::of_cents(4));
  CHECK(found.rows[0].calls == 3);
  CHECK(found.rows[0].saved == money::of_units(1));
  REQUIRE(found.spent.size() == 1);
  CHECK(found.spent[0].since == 172'800);
  CHECK(found.spent[0].spent == money::of_cents(6));
  CHECK(load(*open(where), 0, 1).rows.size() == 1);
  CHECK(load(*open(where), 0, 100).rows.size() == 2);
}
