#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "coordinator/broker/durability.h"
#include "coordinator/journal/database.h"
#include "coordinator/store/payload_store.h"

namespace enxame::coordinator {

/// What is still there when something ends at once.
enum class JournalSync {
  full,    ///< all that was answered, when the machine loses its power
  normal,  ///< … when the process does; of a power cut the last answers may be lost
};

inline constexpr std::array kJournalSyncs{JournalSync::full, JournalSync::normal};

/// "full" or "normal".
std::string_view to_string(JournalSync sync);

struct JournalOptions {
  std::string folder{};  ///< made if it is not there
  JournalSync sync = JournalSync::full;
  /// How long somebody waits for what happened to be written down.
  std::chrono::milliseconds patience{10'000};
  /// Told of what whoever runs the coordinator has to know, a line each.
  std::function<void(std::string_view)> log = [](std::string_view) {};
};

/// Keeps tasks in a SQLite database (https://sqlite.org) with a write-ahead log, `tasks.db` in its
/// folder. All that happens while one transaction is being written is the next one, so that many
/// share the wait for the disk. What a crash leaves of a transaction that was not whole, SQLite
/// leaves out when the database is opened again.
///
/// A disk that is full is waited for: what happened is kept in memory and tried again every second,
/// settle() throws when that takes too long, and check_accepts() throws until it is written down.
/// One folder is one coordinator's at a time.
class Journal : public Durability {
 public:
  /// `payloads` outlives this. Throws DatabaseError, and std::runtime_error for a folder that
  /// cannot be made, that another coordinator has, or whose database another version wrote.
  /// restore() throws std::runtime_error for a database that is damaged.
  Journal(JournalOptions options, const PayloadStore& payloads);
  ~Journal() override;

  /// Calls `take` for each task that is known, those that are finished in the order of their ends,
  /// then those that are not in the order of their submission. Before anything else happens.
  void restore(const std::function<void(RestoredTask)>& take);

  /// … for each worker that got no tasks, the earliest first.
  void restore_workers(const std::function<void(const RestoredWorker&)>& take);

  /// The number of the oldest task of all that it has ever known; first_free_id() where there was
  /// none.
  TaskId oldest_id() const { return oldest_id_; }
  /// A number beyond those of all tasks that it has ever known.
  TaskId first_free_id() const { return first_free_id_; }

  void announce(const PayloadRef& operands, Submission submission) override;
  void withdraw(const PayloadRef& operands) noexcept override;
  void check_accepts() const override;
  void settle(TaskId id) override;

  void submitted(const TaskRecord& task) noexcept override;
  void changed(const TaskChange& change) noexcept override;
  void forgotten(const TaskRecord& task) noexcept override;

  void admit(const RestoredWorker& worker) noexcept override;

  Written written() const override;

 private:
  struct Entry;
  using Entries = std::list<Entry>;
  class Writer;

  void append(Entry entry) noexcept;
  void push(Entries& one) noexcept;
  void write_on();
  bool write(const Entries& entries);
  void check_fits(const Operands& operands) const;
  std::uint64_t last_entry_of(TaskId id) const;

  const JournalOptions options_;
  const PayloadStore& payloads_;
  std::mutex writing_;  // taken before the other, never after
  std::unique_ptr<Writer> writer_;
  TaskId oldest_id_ = 1;
  TaskId first_free_id_ = 1;

  mutable std::mutex mutex_;  // the store's is taken before it, never after
  std::condition_variable appended_;
  std::condition_variable written_;
  std::unordered_map<std::uint64_t, Entries> announced_;  // by the key of their operands
  Entries entries_;                                       // that are not being written
  Entries in_hand_;                                       // that are, before those
  std::uint64_t last_ = 0;                                // entry
  std::uint64_t last_written_ = 0;
  std::uint64_t transactions_ = 0;
  std::string trouble_;     // why nothing can be written now; empty: it can
  bool is_broken_ = false;  // something that happened is not in entries_, for want of memory
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace enxame::coordinator
