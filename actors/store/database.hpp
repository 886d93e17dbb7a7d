#pragma once

#include "messages/ledger.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct sqlite3;

namespace hub {

/// What one server offers, as it is kept on disk.
struct catalogue_row {
  /// The configured name of the server.
  std::string server;

  /// The configuration that the catalogue was learnt under.
  std::string fingerprint;

  /// The protocol era that the server speaks.
  std::string era;

  /// The catalogue; any bytes.
  std::string payload;

  /// Seconds since 1970.
  int64_t learned_at = 0;
};

/// A server whose catalogue is to be forgotten.
struct forgotten_catalogue {
  std::string server;
};

/// A session as it is kept on disk.
struct session_row {
  std::string id;

  /// The door: a server, or empty, and a group, or empty.
  std::string server;
  std::string group;

  /// The version that the client speaks, and what it said of itself, as JSON.
  std::string protocol_version;
  std::string info;
  std::string capabilities;

  /// A number of `log_level`.
  int64_t logs = 0;

  /// Seconds since 1970.
  int64_t used_at = 0;

  /// The id of the principal whose token opened it; empty without one.
  std::string principal{};

  /// The folder that the client works in; empty if it did not say.
  std::string project{};
};

/// What changes of a session that is kept; nothing happens if it is not.
struct touched_session {
  std::string id;
  int64_t logs = 0;
  int64_t used_at = 0;
};

/// A session that is to be forgotten.
struct forgotten_session {
  std::string id;
};

/// What is pinned of the tools of one server.
struct pins_row {
  std::string server;

  /// Any bytes.
  std::string payload;
};

/// Something small that a part of the hub wants to know again.
struct note_row {
  std::string name;

  /// Any bytes; an empty one is forgotten.
  std::string payload;
};

/// One thing to write.
using database_change = std::variant<catalogue_row, forgotten_catalogue, session_row,
                                     touched_session, forgotten_session, pins_row, note_row, cost_row, spent_row>;

/// Why the disk could not be used, as a sentence that says what to do.
struct database_error {
  std::string message;
};

/// The file that outlives the hub: SQLite with a write-ahead log, private to its
/// owner (0600). No function throws or waits longer than two seconds for
/// another process; whoever is told of an error goes on in memory and may try again.
///
/// A file that is broken is moved aside and begun anew, at whatever call that
/// shows. Use one object from one thread at a time.
class database {
public:
  using opened = std::variant<std::unique_ptr<database>, database_error>;
  using loaded = std::variant<std::vector<catalogue_row>, database_error>;
  using loaded_pins = std::variant<std::vector<pins_row>, database_error>;
  using loaded_note = std::variant<std::string, database_error>;
  struct kept_costs {
    std::vector<cost_row> rows;
    std::vector<spent_row> spent;
  };
  using loaded_costs = std::variant<kept_costs, database_error>;
  using loaded_sessions = std::variant<std::vector<session_row>, database_error>;

  /// Opens or makes the file at `path`, whose folder must exist. Fails if the
  /// file cannot be written, cannot be made private, or was made by a newer hub.
  static opened open(std::string path);

  /// Whether nothing was kept in the file before it was opened.
  bool is_new() const noexcept {
    return is_new_;
  }

  database(const database&) = delete;
  database& operator=(const database&) = delete;

  ~database();

  /// All catalogues, in the order of server names.
  loaded load_catalogues();

  /// The `limit` sessions that were used last, at `oldest` or later. The others are
  /// forgotten.
  loaded_sessions load_sessions(int64_t oldest, size_t limit);

  /// What is pinned, in the order of server names.
  loaded_pins load_pins();

  /// What was noted under a name; empty if nothing was.
  loaded_note load_note(const std::string& name);

  /// What calls have cost from the day `oldest` (since 1970) on, and what is spent of budgets:
  /// the `limit` rows of each that were written last. What is older is forgotten.
  loaded_costs load_costs(int64_t oldest, size_t limit);

  /// Keeps a catalogue in place of an older one of the same server.
  std::optional<database_error> save_catalogue(const catalogue_row& row);

  /// Does nothing if there is no such server.
  std::optional<database_error> forget_catalogue(std::string_view server);

  /// Writes all changes, in order, or none.
  std::optional<database_error> apply(std::span<const database_change> changes);

  /// What happened since the last time that the user should know, such as that
  /// a broken file was moved aside; empty if nothing did.
  std::string take_notice();

private:
  explicit database(std::string path);

  /// Opens the file, moving it aside first if it is broken.
  std::optional<database_error> connect();

  /// Opens the file as it is. Returns an SQLite result code; 0 is success.
  int try_connect(std::optional<database_error>& error);

  /// Brings an empty or older file to the present tables.
  int make_tables(std::optional<database_error>& error);

  void disconnect();

  /// Does something that returns an SQLite result code; if that shows that the file is
  /// broken, once more with a new one.
  template <class Use>
  std::optional<database_error> use(std::string_view what, Use try_it);

  /// Renames the file and its log so that a new one can be made.
  std::optional<database_error> move_aside();

  int try_load(std::vector<catalogue_row>& rows);

  int try_load_pins(std::vector<pins_row>& rows);

  int try_load_note(const std::string& name, std::string& payload);

  int try_load_costs(int64_t oldest, size_t limit, kept_costs& found);

  int try_load_sessions(int64_t oldest, size_t limit, std::vector<session_row>& rows);

  int try_apply(std::span<const database_change> changes);

  /// The error for a result code of a call that was to do `what`.
  database_error explain(std::string_view what, int code) const;

  std::string path_;
  sqlite3* connection_ = nullptr;
  bool is_new_ = false;
  std::string notice_;
};

} // namespace hub
