#include "coordinator/journal/database.h"

namespace enxame::coordinator {

namespace {

[[noreturn]] void fail(sqlite3* database, std::string_view what) {
  throw DatabaseError(std::string(what) + ": " + sqlite3_errmsg(database));
}

}  // namespace

Database::Database(const std::string& path) {
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(opened);
  if (code != SQLITE_OK) fail(opened, "cannot open " + path);
}

std::size_t Database::most_bytes() const {
  return static_cast<std::size_t>(sqlite3_limit(database_.get(), SQLITE_LIMIT_LENGTH, -1));
}

void Database::run(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail(database_.get(), sql);
  }
}

Database::Statement::Statement(Database& database, const std::string& sql)
    : database_(database.database_.get()) {
  sqlite3_stmt* prepared = nullptr;
  const int code =
      sqlite3_prepare_v2(database_, sql.c_str(), static_cast<int>(sql.size()), &prepared, nullptr);
  statement_.reset(prepared);
  if (code != SQLITE_OK) fail(database_, sql);
}

Database::Statement& Database::Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter, value));
  return *this;
}

Database::Statement& Database::Statement::bind(int parameter, std::string_view text) {
  check(sqlite3_bind_text64(statement_.get(), parameter, text.data(), text.size(), SQLITE_STATIC,
                            SQLITE_UTF8));
  return *this;
}

Database::Statement& Database::Statement::bind_bytes(int parameter, std::string_view bytes) {
  check(
      sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_STATIC));
  return *this;
}

Database::Statement& Database::Statement::bind_null(int parameter) {
  check(sqlite3_bind_null(statement_.get(), parameter));
  return *this;
}

bool Database::Statement::next() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  sqlite3_reset(statement_.get());
  if (code != SQLITE_DONE) fail(database_, sqlite3_sql(statement_.get()));
  return false;
}

void Database::Statement::run() {
  while (next()) {
  }
}

std::int64_t Database::Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Database::Statement::bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return {static_cast<const char*>(bytes), size};
}

bool Database::Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Statement::check(int code) const {
  if (code != SQLITE_OK) fail(database_, sqlite3_sql(statement_.get()));
}

}  // namespace enxame::coordinator
