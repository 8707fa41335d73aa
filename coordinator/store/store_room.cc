#include "coordinator/store/store_room.h"

#include <string>

#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

void StoreRoom::check(std::size_t bytes) const {
  const auto refusal = [&](const std::string& taken) {
    return "the task needs " + std::to_string(bytes) + " bytes with its product; " + taken + " " +
           std::to_string(options_.max_stored_bytes);
  };
  if (bytes > options_.max_stored_bytes) {
    throw TaskTooLarge(refusal("tasks may take together"));
  }
  const std::size_t needed = unfinished_bytes_ + payloads_.lingering_bytes();
  if (needed + bytes > options_.max_stored_bytes) {
    throw StoreFull(refusal("unfinished ones, and products that are still being sent, hold " +
                            std::to_string(needed) + " of"));
  }
}

void StoreRoom::begin(LedgerTask& task) noexcept {
  stored_bytes_ -= task.bytes;
  task.bytes = task.whole_bytes + task.record.history.bytes();
  stored_bytes_ += task.bytes;
  unfinished_bytes_ += task.bytes;
}

void StoreRoom::resize(LedgerTask& task, std::size_t before, std::size_t after) noexcept {
  for (std::size_t* each : {&stored_bytes_, &unfinished_bytes_, &task.bytes}) {
    *each += after;
    *each -= before;
  }
}

void StoreRoom::finish(LedgerTask& task) noexcept {
  unfinished_bytes_ -= task.bytes;
  stored_bytes_ -= task.bytes;
  task.bytes = finished_bytes(task);
  stored_bytes_ += task.bytes;
}

void StoreRoom::forget(const LedgerTask& task) noexcept { stored_bytes_ -= task.bytes; }

bool StoreRoom::is_exceeded() const noexcept { return taken() > options_.max_stored_bytes; }

}  // namespace enxame::coordinator
