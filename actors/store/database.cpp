#include "actors/store/database.hpp"

#include "actors/store/statement.hpp"

#include <sqlite3.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace hub {

namespace {

/// The tables that this hub knows, as SQLite's `user_version`.
constexpr int64_t schema_version = 3;

/// How long to wait for another process that is writing.
constexpr int busy_ms = 2000;

constexpr std::string_view table_sql = "CREATE TABLE catalogue("
                                       "server TEXT NOT NULL PRIMARY KEY, fingerprint TEXT NOT NULL, "
                                       "era TEXT NOT NULL, payload BLOB NOT NULL, learned_at INTEGER NOT NULL)";

constexpr std::string_view session_sql
  = "CREATE TABLE session(id TEXT NOT NULL PRIMARY KEY, server TEXT NOT NULL, door_group TEXT NOT NULL, "
    "protocol_version TEXT NOT NULL, info BLOB NOT NULL, capabilities BLOB NOT NULL, logs INTEGER NOT NULL, "
    "used_at INTEGER NOT NULL, principal TEXT NOT NULL DEFAULT '', project TEXT NOT NULL DEFAULT '')";

/// Format 2 had sessions of nobody.
constexpr std::string_view principal_sql[] = {
  "ALTER TABLE session ADD COLUMN principal TEXT NOT NULL DEFAULT ''",
  "ALTER TABLE session ADD COLUMN project TEXT NOT NULL DEFAULT ''",
};

/// Made where it is missing: a hub that does not know it leaves it alone, so it needs
/// no format of its own.
constexpr std::string_view note_sql
  = "CREATE TABLE IF NOT EXISTS note(name TEXT NOT NULL PRIMARY KEY, payload BLOB NOT NULL)";

constexpr std::string_view pins_sql
  = "CREATE TABLE IF NOT EXISTS tool_pins(server TEXT NOT NULL PRIMARY KEY, payload BLOB NOT NULL)";

constexpr std::string_view cost_sql[] = {
  "CREATE TABLE IF NOT EXISTS cost(day INTEGER NOT NULL, server TEXT NOT NULL, tool TEXT NOT NULL, "
  "client TEXT NOT NULL, calls INTEGER NOT NULL, cost INTEGER NOT NULL, saved_calls INTEGER NOT NULL, "
  "saved INTEGER NOT NULL, PRIMARY KEY(day, server, tool, client)) WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS spent(key TEXT NOT NULL PRIMARY KEY, since INTEGER NOT NULL, "
  "spent INTEGER NOT NULL, written_at INTEGER NOT NULL)",
};

/// Whether the bytes of the file are wrong, and not the disk or the rights.
bool is_broken(int code) {
  return (code & 0xFF) == SQLITE_CORRUPT || (code & 0xFF) == SQLITE_NOTADB;
}

std::string describe_errno(int error) {
  std::array<char, 256> buffer{};
  return strerror_r(error, buffer.data(), buffer.size());
}

/// Makes the file before SQLite would, because only its maker chooses the mode.
std::optional<database_error> make_private(const std::string& path) {
  auto fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
    return std::nullopt;
  }
  if (errno != EEXIST)
    return database_error{"cannot make " + path + ": " + describe_errno(errno)
                          + "; let the user that runs the hub write to its folder, or choose another with SLM_HUB_CONFIG_DIR"};
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0)
    return database_error{"cannot read " + path + ": " + describe_errno(errno) + "; remove it or repair its rights"};
  if (!S_ISREG(found.st_mode))
    return database_error{path + " is not a file; move it away"};
  if ((found.st_mode & 077) != 0 && ::chmod(path.c_str(), 0600) != 0)
    return database_error{"cannot make " + path + " private: " + describe_errno(errno)
                          + "; give it to the user that runs the hub"};
  return std::nullopt;
}

/// A name that tells when, and that no file has yet.
std::string name_aside(const std::string& path) {
  auto now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> time{};
  std::strftime(time.data(), time.size(), "%Y%m%dT%H%M%SZ", &utc);
  auto base = path + ".corrupt-" + time.data();
  auto result = base;
  for (int n = 2; ::access(result.c_str(), F_OK) == 0; ++n)
    result = base + '-' + std::to_string(n);
  return result;
}

/// The statements of one batch, made when they are needed first.
class change_writer {
public:
  explicit change_writer(sqlite3* connection) : connection_(connection) {
    // nop
  }

  int operator()(const catalogue_row& row) {
    return of(0, "INSERT OR REPLACE INTO catalogue VALUES(?, ?, ?, ?, ?)")
      .text(1, row.server)
      .text(2, row.fingerprint)
      .text(3, row.era)
      .blob(4, row.payload)
      .number(5, row.learned_at)
      .run();
  }

  int operator()(const forgotten_catalogue& x) {
    return of(1, "DELETE FROM catalogue WHERE server = ?").text(1, x.server).run();
  }

  int operator()(const session_row& row) {
    return of(2, "INSERT OR REPLACE INTO session VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .text(1, row.id)
      .text(2, row.server)
      .text(3, row.group)
      .text(4, row.protocol_version)
      .blob(5, row.info)
      .blob(6, row.capabilities)
      .number(7, row.logs)
      .number(8, row.used_at)
      .text(9, row.principal)
      .text(10, row.project)
      .run();
  }

  int operator()(const touched_session& x) {
    return of(3, "UPDATE session SET logs = ?, used_at = ? WHERE id = ?")
      .number(1, x.logs)
      .number(2, x.used_at)
      .text(3, x.id)
      .run();
  }

  int operator()(const forgotten_session& x) {
    return of(4, "DELETE FROM session WHERE id = ?").text(1, x.id).run();
  }

  int operator()(const pins_row& row) {
    return of(5, "INSERT OR REPLACE INTO tool_pins VALUES(?, ?)").text(1, row.server).blob(2, row.payload).run();
  }

  int operator()(const note_row& row) {
    if (row.payload.empty())
      return of(6, "DELETE FROM note WHERE name = ?").text(1, row.name).run();
    return of(7, "INSERT OR REPLACE INTO note VALUES(?, ?)").text(1, row.name).blob(2, row.payload).run();
  }

  int operator()(const cost_row& row) {
    return of(8, "INSERT OR REPLACE INTO cost VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
      .number(1, row.day)
      .text(2, row.server)
      .text(3, row.tool)
      .text(4, row.client)
      .number(5, row.calls)
      .number(6, row.cost.units())
      .number(7, row.saved_calls)
      .number(8, row.saved.units())
      .run();
  }

  int operator()(const spent_row& row) {
    return of(9, "INSERT OR REPLACE INTO spent VALUES(?, ?, ?, CAST(strftime('%s', 'now') AS INTEGER))")
      .text(1, row.key)
      .number(2, row.since)
      .number(3, row.spent.units())
      .run();
  }

private:
  statement& of(size_t place, std::string_view sql) {
    auto& result = statements_[place];
    if (!result)
      result.emplace(connection_, sql);
    return *result;
  }

  sqlite3* connection_;
  std::array<std::optional<statement>, 10> statements_;
};

} // namespace

database::database(std::string path) : path_(std::move(path)) {
  // nop
}

database::~database() {
  disconnect();
}

database::opened database::open(std::string path) {
  std::unique_ptr<database> result{new database{std::move(path)}};
  if (auto error = result->connect())
    return *error;
  return result;
}

std::optional<database_error> database::connect() {
  std::optional<database_error> error;
  auto code = try_connect(error);
  if (is_broken(code)) {
    if (auto failed = move_aside())
      return failed;
    error.reset();
    code = try_connect(error);
  }
  if (code == SQLITE_OK)
    return std::nullopt;
  if (!error)
    error = explain("open", code);
  disconnect();
  return error;
}

int database::try_connect(std::optional<database_error>& error) {
  error = make_private(path_);
  if (error)
    return SQLITE_CANTOPEN;
  constexpr auto flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (auto code = sqlite3_open_v2(path_.c_str(), &connection_, flags, nullptr); code != SQLITE_OK)
    return code;
  sqlite3_busy_timeout(connection_, busy_ms);
  // What is read once needs no large cache, and the log shall not keep the size
  // of its largest batch.
  for (std::string_view sql : {"PRAGMA cache_size=-256", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL",
                               "PRAGMA journal_size_limit=1048576", "PRAGMA trusted_schema=OFF"})
    if (auto code = run_sql(connection_, sql); code != SQLITE_OK)
      return code;
  return make_tables(error);
}

int database::make_tables(std::optional<database_error>& error) {
  // Locked while looking, so that two hubs do not both make them.
  auto code = run_sql(connection_, "BEGIN IMMEDIATE");
  if (code != SQLITE_OK)
    return code;
  int64_t version = 0;
  {
    statement query{connection_, "PRAGMA user_version"};
    if (query.next())
      version = query.number_at(0);
    code = query.code();
  }
  if (code == SQLITE_OK && version > schema_version) {
    error = database_error{path_ + " was written by a newer slm-hub (format " + std::to_string(version)
                           + ", this one knows " + std::to_string(schema_version)
                           + "); run the newer one, or move the file away"};
    code = SQLITE_CANTOPEN;
  }
  if (code == SQLITE_OK && version == 0)
    code = run_sql(connection_, table_sql);
  // Format 1 had no sessions.
  if (code == SQLITE_OK && version < 2)
    code = run_sql(connection_, session_sql);
  if (code == SQLITE_OK)
    code = run_sql(connection_, pins_sql);
  if (code == SQLITE_OK)
    code = run_sql(connection_, note_sql);
  for (auto sql : cost_sql)
    if (code == SQLITE_OK)
      code = run_sql(connection_, sql);
  for (auto sql : principal_sql)
    if (code == SQLITE_OK && version == 2)
      code = run_sql(connection_, sql);
  if (code == SQLITE_OK && version < schema_version)
    code = run_sql(connection_, "PRAGMA user_version=" + std::to_string(schema_version));
  if (code == SQLITE_OK)
    code = run_sql(connection_, "COMMIT");
  if (code != SQLITE_OK)
    sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
  is_new_ = code == SQLITE_OK && version == 0;
  return code;
}

void database::disconnect() {
  sqlite3_close(connection_);
  connection_ = nullptr;
}

std::optional<database_error> database::move_aside() {
  disconnect();
  auto aside = name_aside(path_);
  if (::rename(path_.c_str(), aside.c_str()) != 0)
    return database_error{path_ + " is broken and cannot be moved away: " + describe_errno(errno) + "; remove it"};
  // The log belongs to the broken file; a new file must not find it.
  for (std::string_view suffix : {"-wal", "-shm"})
    std::rename((path_ + std::string{suffix}).c_str(), (aside + std::string{suffix}).c_str());
  notice_ = path_ + " was broken; it was moved to " + aside
            + " and begun anew, so servers are asked for their tools again";
  return std::nullopt;
}

int database::try_load(std::vector<catalogue_row>& rows) {
  rows.clear();
  statement query{connection_, "SELECT server, fingerprint, era, payload, learned_at FROM catalogue ORDER BY server"};
  while (query.next())
    rows.push_back(
      {query.text_at(0), query.text_at(1), query.text_at(2), query.text_at(3), query.number_at(4)});
  return query.code();
}

template <class Use>
std::optional<database_error> database::use(std::string_view what, Use try_it) {
  // An earlier attempt to begin anew may have left no connection.
  if (connection_ == nullptr)
    if (auto error = connect())
      return error;
  auto code = try_it();
  if (is_broken(code)) {
    if (auto error = move_aside())
      return error;
    if (auto error = connect())
      return error;
    code = try_it();
  }
  if (code != SQLITE_OK)
    return explain(what, code);
  return std::nullopt;
}

database::loaded database::load_catalogues() {
  std::vector<catalogue_row> result;
  if (auto error = use("read", [&] { return try_load(result); }))
    return *error;
  sqlite3_db_release_memory(connection_);
  return result;
}

int database::try_load_sessions(int64_t oldest, size_t limit, std::vector<session_row>& rows) {
  rows.clear();
  {
    statement remove{connection_, "DELETE FROM session WHERE used_at < ?1 OR id NOT IN "
                                  "(SELECT id FROM session ORDER BY used_at DESC, id LIMIT ?2)"};
    if (auto code = remove.number(1, oldest).number(2, static_cast<int64_t>(limit)).run(); code != SQLITE_OK)
      return code;
  }
  statement query{connection_, "SELECT id, server, door_group, protocol_version, info, capabilities, logs, used_at, "
                               "principal, project FROM session ORDER BY used_at DESC, id"};
  while (query.next())
    rows.push_back({query.text_at(0), query.text_at(1), query.text_at(2), query.text_at(3), query.text_at(4),
                    query.text_at(5), query.number_at(6), query.number_at(7), query.text_at(8), query.text_at(9)});
  return query.code();
}

database::loaded_sessions database::load_sessions(int64_t oldest, size_t limit) {
  std::vector<session_row> result;
  if (auto error = use("read", [&] { return try_load_sessions(oldest, limit, result); }))
    return *error;
  return result;
}

int database::try_load_pins(std::vector<pins_row>& rows) {
  rows.clear();
  statement query{connection_, "SELECT server, payload FROM tool_pins ORDER BY server"};
  while (query.next())
    rows.push_back({query.text_at(0), query.text_at(1)});
  return query.code();
}

database::loaded_pins database::load_pins() {
  std::vector<pins_row> result;
  if (auto error = use("read", [&] { return try_load_pins(result); }))
    return *error;
  return result;
}

int database::try_load_note(const std::string& name, std::string& payload) {
  payload.clear();
  statement query{connection_, "SELECT payload FROM note WHERE name = ?"};
  query.text(1, name);
  if (query.next())
    payload = query.text_at(0);
  return query.code();
}

database::loaded_note database::load_note(const std::string& name) {
  std::string result;
  if (auto error = use("read", [&] { return try_load_note(name, result); }))
    return *error;
  return result;
}

int database::try_load_costs(int64_t oldest, size_t limit, kept_costs& found) {
  found = {};
  {
    statement trim{connection_, "DELETE FROM cost WHERE day < ?"};
    if (auto code = trim.number(1, oldest).run(); code != SQLITE_OK)
      return code;
    statement query{connection_, "SELECT day, server, tool, client, calls, cost, saved_calls, saved FROM cost "
                                 "ORDER BY day DESC LIMIT ?"};
    query.number(1, static_cast<int64_t>(limit));
    while (query.next())
      found.rows.push_back({query.number_at(0), query.text_at(1), query.text_at(2), query.text_at(3), query.number_at(4),
                            money::of_units(query.number_at(5)), query.number_at(6), money::of_units(query.number_at(7))});
    if (query.code() != SQLITE_OK)
      return query.code();
  }
  statement trim{connection_, "DELETE FROM spent WHERE key NOT IN (SELECT key FROM spent ORDER BY written_at DESC LIMIT ?)"};
  if (auto code = trim.number(1, static_cast<int64_t>(limit)).run(); code != SQLITE_OK)
    return code;
  statement query{connection_, "SELECT key, since, spent FROM spent ORDER BY written_at"};
  while (query.next())
    found.spent.push_back({query.text_at(0), query.number_at(1), money::of_units(query.number_at(2))});
  return query.code();
}

database::loaded_costs database::load_costs(int64_t oldest, size_t limit) {
  kept_costs result;
  if (auto error = use("read", [&] { return try_load_costs(oldest, limit, result); }))
    return *error;
  return result;
}

int database::try_apply(std::span<const database_change> changes) {
  if (auto code = run_sql(connection_, "BEGIN IMMEDIATE"); code != SQLITE_OK)
    return code;
  auto code = SQLITE_OK;
  {
    change_writer write{connection_};
    for (auto& change : changes) {
      code = std::visit(write, change);
      if (code != SQLITE_OK)
        break;
    }
  }
  if (code == SQLITE_OK)
    code = run_sql(connection_, "COMMIT");
  if (code != SQLITE_OK)
    sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
  return code;
}

std::optional<database_error> database::apply(std::span<const database_change> changes) {
  if (changes.empty())
    return std::nullopt;
  if (auto error = use("write to", [&] { return try_apply(changes); }))
    return error;
  sqlite3_db_release_memory(connection_);
  return std::nullopt;
}

std::optional<database_error> database::save_catalogue(const catalogue_row& row) {
  database_change change{row};
  return apply({&change, 1});
}

std::optional<database_error> database::forget_catalogue(std::string_view server) {
  database_change change{forgotten_catalogue{std::string{server}}};
  return apply({&change, 1});
}

std::string database::take_notice() {
  return std::exchange(notice_, {});
}

database_error database::explain(std::string_view what, int code) const {
  auto result = "cannot " + std::string{what} + ' ' + path_ + ": ";
  auto system_error = connection_ != nullptr ? sqlite3_system_errno(connection_) : 0;
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return {result + "the disk is full; free some space"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {result + "another process has been writing to it for " + std::to_string(busy_ms / 1000)
              + " s; end the other hub or tool that uses it"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {result + "it is read-only; let the user that runs the hub write to it and to its folder"};
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      result += system_error != 0 ? describe_errno(system_error) : sqlite3_errstr(code);
      return {result + "; see that the disk works and that the user that runs the hub may write there"};
    default:
      return {result + sqlite3_errstr(code) + "; move the file away if this stays"};
  }
}

} // namespace hub
