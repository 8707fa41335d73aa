#include "coordinator/journal/writer.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <utility>

#include "coordinator/store/rules.h"
#include "wire/digester.h"

namespace enxame::coordinator {

namespace {

using Statement = Database::Statement;

/// Of the tables below. Another one is another version's.
constexpr std::int64_t kSchema = 1;

/// "ENXJ", by which `file` and others can tell whose the database is.
constexpr std::int64_t kApplication = 0x454e584a;

constexpr const char* kTables = R"(
  CREATE TABLE task (
    id           INTEGER PRIMARY KEY,
    state        TEXT NOT NULL,     -- pending, completed, failed, cancelled
    attempts     INTEGER NOT NULL,
    free_returns INTEGER NOT NULL,
    codec        TEXT NOT NULL,     -- of the operands
    rows         INTEGER NOT NULL,  -- of the product
    columns      INTEGER NOT NULL,
    operands     BLOB,              -- until it is completed or cancelled
    split        TEXT NOT NULL,
    tiles        INTEGER NOT NULL,
    reuse        INTEGER NOT NULL,
    key          TEXT,              -- of the submission, if it had one
    fingerprint  BLOB,
    client       TEXT NOT NULL,
    product_codec TEXT,
    product      BLOB,              -- of a completed task
    error        TEXT,
    worker       TEXT,
    checksum     BLOB NOT NULL,     -- of the operands, or of the product once they are gone
    ended        INTEGER            -- numbers the tasks that are finished, in the order of their ends
  );
  CREATE INDEX task_ended ON task (ended) WHERE ended IS NOT NULL;
  -- Of all tasks that there ever were: the first, and one beyond them.
  CREATE TABLE ids (oldest INTEGER, free INTEGER NOT NULL);
  INSERT INTO ids VALUES (NULL, 1);
)";

/// Later than the others, and nothing that one without it misses. Rows are in the order in which
/// workers were set aside; no more are kept than a coordinator knows.
constexpr const char* kWorkers = R"(
  CREATE TABLE IF NOT EXISTS worker (
    name      TEXT PRIMARY KEY,
    admission TEXT NOT NULL,      -- draining, quarantined
    reason    TEXT NOT NULL
  );
  CREATE TRIGGER IF NOT EXISTS worker_bound AFTER INSERT ON worker BEGIN
    DELETE FROM worker WHERE rowid <= new.rowid - )";

constexpr const char* kColumns =
    "id, state, attempts, free_returns, codec, rows, columns, operands, split, tiles, reuse, key, "
    "fingerprint, product_codec, product, error, worker, client, checksum";

/// A lock on the folder that ends with this process, however it ends.
int locked(const std::string& folder) {
  const std::string path = folder + "/lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw std::runtime_error("cannot open " + path + ": " + std::strerror(errno));
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  const int error = errno;
  close(fd);
  if (error == EWOULDBLOCK) {
    throw std::runtime_error("another coordinator keeps its journal in " + folder);
  }
  throw std::runtime_error("cannot lock " + path + ": " + std::strerror(error));
}

/// The path of the database, which only this user may read; SQLite gives its log the same mode.
std::string made(std::string path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw std::runtime_error("cannot open " + path + ": " + std::strerror(errno));
  close(fd);
  return path;
}

std::int64_t ask_number(Database& database, const std::string& sql) {
  Statement statement(database, sql);
  const std::int64_t number = statement.next() ? statement.integer(0) : 0;
  statement.run();
  return number;
}

std::string workers_table() {
  return kWorkers + std::to_string(WorkerRegistry::kMaxWorkers) + "; END;";
}

void prepare_tables(Database& database, const std::string& folder, JournalSync sync) {
  database.run("PRAGMA journal_mode = WAL");
  database.run(sync == JournalSync::full ? "PRAGMA synchronous = FULL"
                                         : "PRAGMA synchronous = NORMAL");
  const std::int64_t schema = ask_number(database, "PRAGMA user_version");
  if (schema == kSchema) return database.run(workers_table());
  if (schema != 0) {
    throw std::runtime_error("the journal in " + folder + " is of schema " +
                             std::to_string(schema) + ", expected " + std::to_string(kSchema) +
                             ": it was written by another version");
  }
  database.run("BEGIN; " + std::string(kTables) + "; PRAGMA application_id = " +
               std::to_string(kApplication) + "; PRAGMA user_version = " + std::to_string(kSchema) +
               ";" + workers_table() + "COMMIT");
}

Admission parse_admission(std::string_view text) {
  for (const Admission admission : {Admission::draining, Admission::quarantined}) {
    if (text == to_string(admission)) return admission;
  }
  throw std::runtime_error("the journal has a worker whose admission is \"" + std::string(text) +
                           "\"");
}

TaskState parse_state(std::string_view text) {
  for (const TaskState state :
       {TaskState::pending, TaskState::completed, TaskState::failed, TaskState::cancelled}) {
    if (text == to_string(state)) return state;
  }
  throw std::runtime_error("the journal has a task in the state \"" + std::string(text) + "\"");
}

Codec parse_codec(std::string_view text) {
  for (const Codec codec : {Codec::json, Codec::binary}) {
    if (text == to_string(codec)) return codec;
  }
  throw std::runtime_error("the journal has a task in the codec \"" + std::string(text) + "\"");
}

/// As the column has it. SQLite notices pages that are torn, not bytes that a disk changed.
wire::Digest checksum(Codec codec, std::string_view content) {
  return wire::fingerprint({to_string(codec), "\n", content});
}

std::string_view bytes_of(const wire::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

void check_sum(const Statement& row, const RestoredTask& task) {
  const auto& operands = task.submission.operands;
  const auto& product = task.product;
  if (!operands && !product) return;
  const wire::Digest sum = operands ? checksum(operands->codec, operands->wire)
                                    : checksum(product->codec, product->wire);
  if (row.bytes(18) == bytes_of(sum)) return;
  throw std::runtime_error("the journal is damaged: the " +
                           std::string(operands ? "operands" : "product") + " of " +
                           task_name(task.id) +
                           " are not what was written. Move it away to begin a new one, or put an "
                           "intact copy in its place");
}

RestoredTask task_in(const Statement& row) {
  RestoredTask task;
  task.id = static_cast<TaskId>(row.integer(0));
  task.life = {parse_state(row.bytes(1)), static_cast<int>(row.integer(2)),
               static_cast<int>(row.integer(3))};
  const Shape product{static_cast<std::size_t>(row.integer(5)),
                      static_cast<std::size_t>(row.integer(6))};
  if (!row.is_null(7)) {
    task.submission.operands = std::make_shared<const Operands>(
        Operands{parse_codec(row.bytes(4)), std::string(row.bytes(7)), product, {}});
  }
  task.submission.tiles = static_cast<std::size_t>(row.integer(9));
  task.submission.split = {parse_split_kind(row.bytes(8)), task.submission.tiles,
                           row.integer(10) != 0};
  if (!row.is_null(11)) {
    SubmissionKey key{std::string(row.bytes(11)), {}};
    std::ranges::copy(row.bytes(12).substr(0, key.fingerprint.bytes.size()),
                      key.fingerprint.bytes.begin());
    task.submission.key = std::move(key);
  }
  if (!row.is_null(14)) {
    task.product = std::make_shared<const Result>(
        Result{parse_codec(row.bytes(13)), std::string(row.bytes(14))});
  }
  task.error = row.bytes(15);
  task.worker = row.bytes(16);
  task.submission.client = row.bytes(17);
  check_sum(row, task);
  return task;
}

}  // namespace

Journal::Writer::Writer(const std::string& folder, JournalSync sync)
    : lock_(locked(folder)), database_(made(folder + "/tasks.db")) {
  prepare_tables(database_, folder, sync);
  const auto statement = [this](const std::string& sql) {
    return std::make_unique<Statement>(database_, sql);
  };
  submit_ = statement("INSERT INTO task (" + std::string(kColumns) +
                      ") VALUES (?, 'pending', 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, "
                      "NULL, ?, ?)");
  change_ = statement(
      "UPDATE task SET state = ?2, attempts = ?3, free_returns = ?4, error = ?5, ended = ?6, "
      "operands = iif(?2 = 'cancelled', NULL, operands) WHERE id = ?1");
  complete_ = statement(
      "UPDATE task SET state = 'completed', attempts = ?2, free_returns = ?3, product_codec = ?4, "
      "product = ?5, worker = ?6, ended = ?7, checksum = ?8, operands = NULL WHERE id = ?1");
  forget_ = statement("DELETE FROM task WHERE id = ?");
  note_ids_ = statement("UPDATE ids SET oldest = ifnull(oldest, ?1), free = ?2 WHERE free < ?2");
  set_aside_ =
      statement("INSERT OR REPLACE INTO worker (name, admission, reason) VALUES (?, ?, ?)");
  readmit_ = statement("DELETE FROM worker WHERE name = ?");
  free_id_ = static_cast<TaskId>(ask_number(database_, "SELECT free FROM ids"));
  oldest_id_ = static_cast<TaskId>(ask_number(database_, "SELECT ifnull(oldest, free) FROM ids"));
  last_end_ = ask_number(database_, "SELECT max(ended) FROM task");
}

void Journal::Writer::restore(const std::function<void(RestoredTask)>& take) {
  for (const char* which : {"ended IS NOT NULL ORDER BY ended", "ended IS NULL ORDER BY id"}) {
    Statement tasks(database_, "SELECT " + std::string(kColumns) + " FROM task WHERE " + which);
    while (tasks.next()) take(task_in(tasks));
  }
}

void Journal::Writer::restore_workers(const std::function<void(const RestoredWorker&)>& take) {
  Statement workers(database_, "SELECT name, admission, reason FROM worker ORDER BY rowid");
  while (workers.next()) {
    take({std::string(workers.bytes(0)), parse_admission(workers.bytes(1)),
          std::string(workers.bytes(2))});
  }
}

void Journal::Writer::write(const std::list<Entry>& entries) {
  const std::int64_t last_end = last_end_;
  database_.run("BEGIN IMMEDIATE");
  try {
    for (const Entry& entry : entries) apply(entry);
    database_.run("COMMIT");
  } catch (...) {
    last_end_ = last_end;
    try {
      database_.run("ROLLBACK");
    } catch (const DatabaseError&) {
      // SQLite has rolled it back itself.
    }
    throw;
  }
}

void Journal::Writer::apply(const Entry& entry) {
  switch (entry.kind) {
    case Entry::Kind::submitted:
      return submit(entry);
    case Entry::Kind::changed:
      return change(entry);
    case Entry::Kind::forgotten:
      return forget_->bind(1, static_cast<std::int64_t>(entry.id)).run();
    case Entry::Kind::admitted:
      return admit(entry.admitted);
  }
}

void Journal::Writer::admit(const RestoredWorker& worker) {
  if (worker.admission == Admission::admitted) return readmit_->bind(1, worker.name).run();
  set_aside_->bind(1, worker.name)
      .bind(2, to_string(worker.admission))
      .bind(3, worker.reason)
      .run();
}

void Journal::Writer::submit(const Entry& entry) {
  const Submission& submission = entry.submission;
  const Operands& operands = *submission.operands;
  const wire::Digest sum = checksum(operands.codec, operands.wire);
  submit_->bind(1, static_cast<std::int64_t>(entry.id))
      .bind(2, to_string(operands.codec))
      .bind(3, static_cast<std::int64_t>(operands.product.rows))
      .bind(4, static_cast<std::int64_t>(operands.product.cols))
      .bind_bytes(5, operands.wire)
      .bind(6, to_string(submission.split.kind))
      .bind(7, static_cast<std::int64_t>(submission.tiles))
      .bind(8, static_cast<std::int64_t>(submission.split.reuse ? 1 : 0))
      .bind(11, submission.client)
      .bind_bytes(12, bytes_of(sum));
  if (submission.key) {
    submit_->bind(9, submission.key->name)
        .bind_bytes(10, bytes_of(submission.key->fingerprint))
        .run();
  } else {
    submit_->bind_null(9).bind_null(10).run();
  }
  note_ids(entry.id, entry.id + 1 + submission.tiles);
}

void Journal::Writer::change(const Entry& entry) {
  const auto id = static_cast<std::int64_t>(entry.id);
  if (entry.product) {
    const wire::Digest sum = checksum(entry.product->codec, entry.product->wire);
    return complete_->bind(1, id)
        .bind(2, static_cast<std::int64_t>(entry.life.attempts))
        .bind(3, static_cast<std::int64_t>(entry.life.free_returns))
        .bind(4, to_string(entry.product->codec))
        .bind_bytes(5, entry.product->wire)
        .bind(6, entry.worker)
        .bind(7, ++last_end_)
        .bind_bytes(8, bytes_of(sum))
        .run();
  }
  change_->bind(1, id)
      .bind(2, to_string(entry.life.state))
      .bind(3, static_cast<std::int64_t>(entry.life.attempts))
      .bind(4, static_cast<std::int64_t>(entry.life.free_returns));
  if (is_finished(entry.life.state)) {
    change_->bind(5, entry.error).bind(6, ++last_end_).run();
  } else {
    change_->bind_null(5).bind_null(6).run();
  }
}

void Journal::Writer::note_ids(TaskId first, TaskId end) {
  free_id_ = std::max(free_id_, end);
  note_ids_->bind(1, static_cast<std::int64_t>(first))
      .bind(2, static_cast<std::int64_t>(free_id_))
      .run();
}

}  // namespace enxame::coordinator
