#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "coordinator/broker/waiting.h"
#include "coordinator/store/payload_store.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

/// Those who wait for the end of a task, whatever store it is in. Watches the store; only those who
/// wait for the very task are woken. Thread-safe.
class ResultWaits : public TaskObserver {
 public:
  struct Found {
    WaitOutcome outcome;
    TaskRecord task{};
    std::shared_ptr<const Result> product{};
  };

  /// Both outlive this.
  ResultWaits(const TaskStore& store, const PayloadStore& payloads)
      : store_(store), payloads_(payloads) {}

  /// The task as it is now: `task` when it is finished. Throws UnknownTask.
  Found look(TaskId id) const;

  /// The task as soon as it is finished, even if it is forgotten at once, or as it is when the wait
  /// ends otherwise. Throws UnknownTask.
  Found await(TaskId id, const Patience& patience);

  /// Ends all waits, now and from now on.
  void close();

  void changed(const TaskChange& change) noexcept override;

 private:
  struct Waiter;
  class Place;

  const TaskStore& store_;
  const PayloadStore& payloads_;
  mutable std::mutex mutex_;  // the store's is taken before it, never after
  std::unordered_multimap<TaskId, Waiter*> waiters_;
  bool closed_ = false;
};

}  // namespace enxame::coordinator
