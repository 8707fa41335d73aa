#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "coordinator/broker/claim_book.h"
#include "coordinator/simulation/invariants.h"
#include "coordinator/simulation/simulation.h"
#include "coordinator/simulation/world.h"
#include "coordinator/store/memory_payload_store.h"
#include "coordinator/store/store_options.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator::simulation {

/// What a worker says of a task.
enum class Answer {
  product,
  wrong_product,
  excuse,   ///< it cannot compute the task
  refusal,  ///< nobody can
};

/// What the coordinator answers to anything.
enum class Reply {
  done,
  nothing,    ///< no task
  not_held,   ///< 409
  forgotten,  ///< 410
  refused,    ///< the state is another, the key was used, there is no room
};

/// How a task is when somebody looks.
struct Look {
  Reply reply = Reply::done;
  TaskState state = TaskState::pending;
  std::string product;  ///< of a completed one that is not split
};

/// A coordinator as its parties meet it, without sockets and waits: a store, its rules and leases,
/// and what is verified.
class Node {
 public:
  Node(World& world, const StoreOptions& options, const MakeStore& make_store);

  struct Given {
    TaskId id;
    std::uint64_t lease;
  };

  std::optional<TaskId> submit(const std::string& client, const std::string& key,
                               std::size_t tiles);
  std::optional<Given> claim(const Ask& ask);
  Reply answer(TaskId id, std::uint64_t lease, Answer answer);
  void keeper_came(const std::string& keeper) { book_.came(keeper); }
  void keep(const std::string& keeper);
  void keeper_left(const std::string& keeper);
  Look look(TaskId id) const;
  Reply cancel(TaskId id);
  Reply retry(TaskId id);

  /// Time has passed: leases run out. Throws Violation when something is not as it must be.
  void tick();

  const Invariants& invariants() const { return invariants_; }
  StoreStats stats() const { return store_->stats(); }

 private:
  Instant now() const { return {ClockId{1}, world_.now()}; }
  template <typename Act>
  Reply attempt(Act act);
  Reply take_product(const Claim& claim, bool is_late, bool is_right);

  World& world_;
  const StoreOptions options_;
  MemoryPayloadStore payloads_;
  Invariants invariants_;
  std::unique_ptr<TaskStore> store_;
  ClaimBook book_;
};

}  // namespace enxame::coordinator::simulation
