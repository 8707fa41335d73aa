#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "coordinator/store/task.h"

namespace enxame::coordinator {

struct ClientLine;

/// A task in a TaskLedger: its record, and its nodes in the ledger's lists, which are made with it,
/// so that it can be moved between them without memory.
struct LedgerTask {
  using Place = std::list<LedgerTask*>;
  using Queue = std::map<TaskId, LedgerTask*>;

  /// What makes a task a split one.
  struct Tiles {
    PayloadRef product;
    std::vector<LedgerTask*> all;
    std::size_t missing;
  };

  TaskRecord record;
  std::unique_ptr<Tiles> tiles;      // of a split task; few are
  LedgerTask* parent = nullptr;      // of a tile
  ClientLine* line = nullptr;        // in which it waits, when it does
  std::size_t bytes = 0;             // that it is counted with; a tile with its task
  std::size_t whole_bytes = 0;       // … as long as it is not finished
  const std::string* key = nullptr;  // under which it was submitted, where that is kept

  Queue::node_type queue_node;  // while it is not in its line
  Place place;                  // its node, while it is neither held nor finished
  Place::iterator self;         // its node, wherever that is
};

using LedgerTasks = std::unordered_map<TaskId, LedgerTask>;

/// A task of that number, and its tiles. Throws std::bad_alloc.
LedgerTasks make_tasks(const NewTask& added, TaskId id, const Instant& at);

/// What a task takes as long as it is not finished.
std::size_t unfinished_bytes(const NewTask& added);

/// What a finished task takes.
std::size_t finished_bytes(const LedgerTask& task) noexcept;

/// Writes what completed a task into a copy from before.
void note_completion(TaskRecord& copy, const TaskRecord& task) noexcept;

}  // namespace enxame::coordinator
