#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "coordinator/broker/task_broker.h"
#include "coordinator/store/memory_payload_store.h"
#include "coordinator/store/test/store_fixture.h"
#include "coordinator/store/test/store_kinds.h"

namespace enxame::coordinator {

/// A broker, with short ways to speak to it.
class ShortBroker {
 public:
  explicit ShortBroker(TaskBroker& broker) : broker_(broker) {}

  /// As a worker of REST answers: for a task that it is checked to hold.
  TaskView complete(TaskId id, const Holder& holder, Result answer = text_product(),
                    const WorkerPhases& phases = {}) {
    const auto task = broker_.held(id, holder);
    return task ? broker_.complete(*task, task->worker, std::move(answer), phases)
                : broker_.look(id);
  }
  TaskView complete(TaskId id, const std::string& worker, Result answer = text_product(),
                    const WorkerPhases& phases = {}) {
    return complete(id, Holder::answering(worker), std::move(answer), phases);
  }
  TaskView fail(TaskId id, const Holder& holder, const std::string& reason) {
    const auto task = broker_.held(id, holder);
    return task ? broker_.fail(*task, reason) : broker_.look(id);
  }
  TaskView fail(TaskId id, const std::string& worker, const std::string& reason) {
    return fail(id, Holder::answering(worker), reason);
  }
  TaskView nack(TaskId id, const Holder& holder, const std::string& reason) {
    const auto task = broker_.held(id, holder);
    return task ? broker_.nack(*task, reason) : broker_.look(id);
  }
  TaskView nack(TaskId id, const std::string& worker, const std::string& reason) {
    return nack(id, Holder::answering(worker), reason);
  }

  TaskView result(TaskId id, std::chrono::milliseconds patience = kNow,
                  const StillThere& is_there = still_there) {
    return broker_.result(id, patience, is_there).task;
  }
  std::vector<WorkerView> workers(std::size_t count = 0, std::chrono::milliseconds patience = kNow,
                                  const StillThere& is_there = still_there) {
    return broker_.workers(count, patience, is_there);
  }

 private:
  TaskBroker& broker_;
};

/// The stores of a TestBroker, which are there before it.
struct TestStores {
  std::unique_ptr<PayloadStore> payloads;
  std::unique_ptr<TaskStore> tasks;
};

/// A broker over a store of its own.
class TestBroker : private TestStores, public TaskBroker, public ShortBroker {
 public:
  explicit TestBroker(const StoreKind& kind, const StoreOptions& store = {},
                      BrokerOptions options = {})
      : TestBroker(made(kind, store), std::move(options)) {}

  using ShortBroker::complete;
  using ShortBroker::fail;
  using ShortBroker::nack;
  using ShortBroker::result;
  using ShortBroker::workers;
  using TaskBroker::complete;
  using TaskBroker::fail;
  using TaskBroker::nack;

  /// The task, and why the wait is over.
  Awaited await(TaskId id, std::chrono::milliseconds patience,
                const StillThere& is_there = still_there) {
    return TaskBroker::result(id, patience, is_there);
  }

  /// What the store has told.
  const CountingObserver& seen() const { return seen_; }

 private:
  TestBroker(TestStores stores, BrokerOptions options)
      : TestStores(std::move(stores)),
        TaskBroker(*TestStores::tasks, *TestStores::payloads, std::move(options)),
        ShortBroker(static_cast<TaskBroker&>(*this)) {
    TestStores::tasks->add_observer(seen_);
  }

  static TestStores made(const StoreKind& kind, const StoreOptions& options) {
    TestStores stores{std::make_unique<MemoryPayloadStore>(), nullptr};
    stores.tasks = kind.make(options, *stores.payloads);
    return stores;
  }

  CountingObserver seen_;
};

}  // namespace enxame::coordinator
