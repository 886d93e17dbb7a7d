#include "actors/store/statement.hpp"

#include <sqlite3.h>

namespace hub {

statement::statement(sqlite3* connection, std::string_view sql) {
  if (connection == nullptr)
    code_ = SQLITE_CANTOPEN;
  else
    keep(sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &handle_, nullptr));
}

statement::~statement() {
  sqlite3_finalize(handle_);
}

void statement::keep(int code) noexcept {
  if (code_ == SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
    code_ = code;
}

statement& statement::text(int parameter, std::string_view value) {
  if (code_ == SQLITE_OK)
    keep(sqlite3_bind_text64(handle_, parameter, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

statement& statement::blob(int parameter, std::string_view value) {
  if (code_ == SQLITE_OK)
    keep(sqlite3_bind_blob64(handle_, parameter, value.data(), value.size(), SQLITE_STATIC));
  return *this;
}

statement& statement::number(int parameter, int64_t value) {
  if (code_ == SQLITE_OK)
    keep(sqlite3_bind_int64(handle_, parameter, value));
  return *this;
}

bool statement::next() {
  if (code_ != SQLITE_OK)
    return false;
  auto code = sqlite3_step(handle_);
  keep(code);
  return code == SQLITE_ROW;
}

std::string statement::text_at(int column) const {
  // The bytes first: asking for the size may convert them.
  auto data = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  auto size = static_cast<size_t>(sqlite3_column_bytes(handle_, column));
  return data == nullptr ? std::string{} : std::string{data, size};
}

int64_t statement::number_at(int column) const {
  return sqlite3_column_int64(handle_, column);
}

int statement::run() {
  while (next()) {
    // nop
  }
  if (handle_ != nullptr)
    sqlite3_reset(handle_);
  return code_;
}

int run_sql(sqlite3* connection, std::string_view sql) {
  return statement{connection, sql}.run();
}

} // namespace hub
