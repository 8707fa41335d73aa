#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "coordinator/store/ledger_task.h"

namespace enxame::coordinator {

/// The keys under which the tasks of a ledger were submitted.
class KnownKeys {
 public:
  struct Keyed {
    LedgerTask* task;
    wire::Digest fingerprint;
  };
  using Keys = std::unordered_map<std::string, Keyed>;

  /// That of `task`, which was submitted so; none where it has no key. Throws std::bad_alloc.
  static Keys key_of(const NewTask& added, LedgerTask& task);
  /// For one more key. Throws std::bad_alloc.
  void make_room();

  /// The task that was submitted under that key. Throws KeyReused for another fingerprint.
  std::optional<TaskId> find(const SubmissionKey& key) const;

  /// Takes one in that is not known.
  void add(Keys key) noexcept;
  /// Forgets that of a task, where it has one.
  void remove(const LedgerTask& task) noexcept;

 private:
  Keys keys_;
};

}  // namespace enxame::coordinator
