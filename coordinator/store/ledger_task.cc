#include "coordinator/store/ledger_task.h"

#include "coordinator/store/payload.h"

namespace enxame::coordinator {

namespace {

// What a task takes besides its matrices: the record, its places in the lists, what holds its
// payloads, and what allocation adds.
constexpr std::size_t kRecordBytes = 1024;
static_assert(sizeof(LedgerTask) + sizeof(Operands) + sizeof(Result) < kRecordBytes * 3 / 4);

// What a key takes besides its characters.
constexpr std::size_t kKeyBytes = 128;

LedgerTask& make_task(LedgerTasks& tasks, TaskId id, const PayloadRef& operands,
                      const NewTask& added, const Instant& at) {
  LedgerTask& task = tasks[id];
  task.record.id = id;
  task.record.operands = operands;
  task.record.client = added.client;
  task.record.accepted_at = at;
  LedgerTask::Queue queue{{id, &task}};
  task.queue_node = queue.extract(queue.begin());
  task.place.push_back(&task);
  task.self = task.place.begin();
  return task;
}

}  // namespace

LedgerTasks make_tasks(const NewTask& added, TaskId id, const Instant& at) {
  LedgerTasks tasks;
  LedgerTask& task = make_task(tasks, id, added.operands, added, at);
  if (added.tiles == 0) return tasks;
  task.record.tiles = added.tiles;
  task.tiles =
      std::make_unique<LedgerTask::Tiles>(LedgerTask::Tiles{added.product, {}, added.tiles});
  task.tiles->all.reserve(added.tiles);
  for (std::size_t i = 0; i < added.tiles; ++i) {
    PayloadRef part = added.operands;
    part.tile = i;
    LedgerTask& tile = make_task(tasks, id + 1 + i, part, added, at);
    tile.parent = &task;
    tile.record.parent = id;
    tile.record.tile = i;
    task.tiles->all.push_back(&tile);
  }
  return tasks;
}

std::size_t unfinished_bytes(const NewTask& added) {
  return added.operands.bytes + added.product_bytes + kRecordBytes * (1 + added.tiles) +
         (added.key ? kKeyBytes + added.key->name.size() : 0) + added.client.size();
}

std::size_t finished_bytes(const LedgerTask& task) noexcept {
  const TaskRecord& record = task.record;
  std::size_t bytes = kRecordBytes * (1 + record.tiles) + record.error.size() +
                      record.history.bytes() + record.operands.bytes + record.product.bytes;
  if (task.key != nullptr) bytes += kKeyBytes + task.key->size();
  if (record.state() == TaskState::failed && task.tiles) bytes += task.tiles->product.bytes;
  return bytes;
}

void note_completion(TaskRecord& copy, const TaskRecord& task) noexcept {
  copy.life = task.life;
  copy.operands = {};
  copy.product = task.product;
  copy.away = task.away;
  copy.finished_at = task.finished_at;
}

}  // namespace enxame::coordinator
