#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace enxame::coordinator {

/// What SQLite could not do, in its words, with the statement.
class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A SQLite database in a file of its own, for one thread at a time.
class Database {
 public:
  /// Opens it, or makes it. Throws DatabaseError.
  explicit Database(const std::string& path);

  /// What a value or a row may have, in bytes.
  std::size_t most_bytes() const;

  /// Statements without values and without rows.
  void run(const std::string& sql);

  /// A statement, to be run any number of times.
  class Statement {
   public:
    Statement(Database& database, const std::string& sql);

    /// The value of a parameter, from 1. Text and bytes have to live until the statement has run.
    Statement& bind(int parameter, std::int64_t value);
    Statement& bind(int parameter, std::string_view text);
    Statement& bind_bytes(int parameter, std::string_view bytes);
    Statement& bind_null(int parameter);

    /// The next row; false when there is none, and the statement can be run again.
    bool next();
    /// Runs a statement without rows.
    void run();

    /// A column of the row, from 0; valid until the next.
    std::int64_t integer(int column) const;
    std::string_view bytes(int column) const;
    bool is_null(int column) const;

   private:
    struct Finalize {
      void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };

    void check(int code) const;

    sqlite3* database_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  };

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };

  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace enxame::coordinator
