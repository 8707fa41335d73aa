#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/broker/claim_line.h"
#include "coordinator/broker/clock.h"
#include "coordinator/broker/lease_watch.h"
#include "coordinator/broker/presence.h"
#include "coordinator/broker/result_waits.h"
#include "coordinator/broker/task_view.h"
#include "coordinator/broker/waiting.h"
#include "coordinator/store/payload_store.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

struct BrokerOptions {
  /// How often those who wait are asked whether they are still there.
  std::chrono::milliseconds presence_check{1'000};

  /// The clock of leases and durations; waits always last as long as they say.
  Clock::Now now = std::chrono::steady_clock::now;
};

/// What a coordinator does with tasks, whatever stores them: it cuts them into tiles, has those
/// wait who ask for tasks, results and workers, knows the time and the workers' clocks, and makes
/// phases of the instants that the store keeps. TaskStore says what its calls do and throw.
/// Thread-safe.
class TaskBroker {
 public:
  /// Both outlive this, and have no tasks yet.
  TaskBroker(TaskStore& store, PayloadStore& payloads, BrokerOptions options);
  TaskBroker(const TaskBroker&) = delete;
  TaskBroker& operator=(const TaskBroker&) = delete;

  /// A task of which only one tile can be made is not split.
  TaskId submit(std::shared_ptr<const Operands> operands, const Split& split = {});

  /// Takes the task at the head of the queue for `asker`, waiting for one up to `patience`. Who has
  /// waited longest is served first. A wait ends early when the claimant has gone.
  Claimed claim(const Asker& asker, std::chrono::milliseconds patience,
                const StillThere& still_there);

  void requeue(const Claim& claim) noexcept;
  void unclaim(const Claim& claim) noexcept;
  void abandon(const Claim& claim, std::string_view how) noexcept;

  /// The task that `holder` holds, which has been heard of now; nothing for one that is completed
  /// already. Throws NotHeld.
  std::optional<HeldTask> held(TaskId id, const Holder& holder);

  /// `worker`: who computed it, empty where it has no name; `told`: what it measured. Throws
  /// std::invalid_argument for a tile's product that is not of its operands' dtype.
  TaskView complete(const Claim& claim, const std::string& worker, Result product,
                    const WorkerPhases& told);
  TaskView fail(const Claim& claim, const std::string& reason);
  TaskView nack(const Claim& claim, const std::string& reason);

  /// The task as it is now.
  TaskView look(TaskId id) const;

  /// The task, as soon as it is completed or failed, or as it is after `patience`, when who waits
  /// has gone, or when this is closed.
  Awaited result(TaskId id, std::chrono::milliseconds patience, const StillThere& still_there);

  StoreStats stats() const { return store_.stats(); }

  /// Asks that wait for a task now.
  std::size_t claimants() const { return line_.size(); }

  /// The worker has been heard of.
  void saw(const std::string& worker) { presence_.saw(worker); }

  /// The workers known by name, in the order of their names, as soon as `count` of them are asking
  /// or working, or after `patience`, when who waits has gone, or when this is closed.
  std::vector<WorkerView> workers(std::size_t count, std::chrono::milliseconds patience,
                                  const StillThere& still_there);

  /// Wakes everybody who waits, now and from now on. Nothing is lost: what is there can still be
  /// asked for.
  void close();

  /// Takes back every task whose lease has run out. A thread of the broker does this in time;
  /// whoever sets the clock calls it.
  void expire_leases();

 private:
  Patience patience(std::chrono::milliseconds time, const StillThere& still_there) const {
    return {time, still_there, options_.presence_check};
  }
  std::optional<Partition> cut(const Operands& operands, const Split& split) const;
  TaskId submit_divided(std::shared_ptr<const Operands> operands, const Partition& partition,
                        bool reuse, const Instant& at);
  std::shared_ptr<const Operands> operands_of(const Claim& claim);
  TaskView with_product(TaskRecord task) const;

  TaskStore& store_;
  PayloadStore& payloads_;
  const BrokerOptions options_;
  const Clock clock_;
  Presence presence_;
  ClaimLine line_;
  ResultWaits results_;
  LeaseWatch leases_;  // last: its thread uses the others
};

}  // namespace enxame::coordinator
