#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "coordinator/journal/journal.h"
#include "net/system.h"

namespace enxame::coordinator {

/// Something that happened to a task, or to a worker.
struct Journal::Entry {
  enum class Kind { submitted, changed, forgotten, admitted };

  Entry(Kind what, TaskId task) : kind(what), id(task) {}

  Kind kind;
  TaskId id;
  Submission submission{};  ///< of one that was submitted
  // Of one that changed:
  Life life{};
  std::shared_ptr<const Result> product{};
  std::string error{};
  std::string worker{};
  RestoredWorker admitted{};  ///< of a worker that gets tasks again, or no more
};

/// The database of a journal: reads it when it is opened, and writes entries, so many at a time.
class Journal::Writer {
 public:
  Writer(const std::string& folder, JournalSync sync);

  TaskId oldest_id() const { return oldest_id_; }
  TaskId first_free_id() const { return free_id_; }
  /// What a row may have.
  std::size_t most_bytes() const { return database_.most_bytes(); }
  void restore(const std::function<void(RestoredTask)>& take);
  void restore_workers(const std::function<void(const RestoredWorker&)>& take);

  /// Writes them in one transaction, all or nothing. Throws DatabaseError.
  void write(const std::list<Entry>& entries);

 private:
  void apply(const Entry& entry);
  void submit(const Entry& entry);
  void change(const Entry& entry);
  void admit(const RestoredWorker& worker);
  void note_ids(TaskId first, TaskId end);

  net::Descriptor lock_;  // of the folder
  Database database_;
  std::unique_ptr<Database::Statement> submit_, change_, complete_, forget_, note_ids_, set_aside_,
      readmit_;
  TaskId free_id_ = 1;
  TaskId oldest_id_ = 1;
  std::int64_t last_end_ = 0;
};

}  // namespace enxame::coordinator
