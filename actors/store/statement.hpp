#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace hub {

/// One SQL statement of SQLite. After an error all its functions do nothing,
/// so that only the result of the last one needs a look.
class statement {
public:
  /// @param connection May be null, which is an error.
  statement(sqlite3* connection, std::string_view sql);

  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;

  ~statement();

  /// Sets parameters from 1. The text must live until `run` or the last `next`.
  statement& text(int parameter, std::string_view value);
  statement& blob(int parameter, std::string_view value);
  statement& number(int parameter, int64_t value);

  /// Goes to the next row. Returns false after the last one and on errors.
  bool next();

  /// Columns of the row, from 0.
  std::string text_at(int column) const;
  int64_t number_at(int column) const;

  /// Runs the statement to its end and makes it ready for other parameters.
  /// Returns an SQLite result code; 0 is success.
  int run();

  /// The first error, as an SQLite result code; 0 if there was none.
  int code() const noexcept {
    return code_;
  }

private:
  void keep(int code) noexcept;

  sqlite3_stmt* handle_ = nullptr;
  int code_ = 0;
};

/// Runs SQL without parameters and results. Returns an SQLite result code; 0 is
/// success.
int run_sql(sqlite3* connection, std::string_view sql);

} // namespace hub
