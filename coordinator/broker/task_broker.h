#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coordinator/broker/claim_book.h"
#include "coordinator/broker/claim_line.h"
#include "coordinator/broker/clock.h"
#include "coordinator/broker/durability.h"
#include "coordinator/broker/lease_watch.h"
#include "coordinator/broker/presence.h"
#include "coordinator/broker/result_waits.h"
#include "coordinator/broker/task_view.h"
#include "coordinator/broker/waiting.h"
#include "coordinator/store/payload_store.h"
#include "coordinator/store/task_store.h"
#include "matmul/verify/product_verifier.h"

namespace enxame::coordinator {

struct BrokerOptions {
  /// How often those who wait are asked whether they are still there.
  std::chrono::milliseconds presence_check{1'000};

  /// The clock of leases and durations; waits always last as long as they say.
  Clock::Now now = std::chrono::steady_clock::now;

  /// Which products are verified as they come; those that come late are in any case.
  Verify verify = Verify::off;

  /// What writes down what happens; outlives the broker. Null: nobody does.
  Durability* durability = nullptr;
};

/// No worker of that name has been heard of, or none for long.
class UnknownWorker : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A worker that is in quarantine asks for a task.
class Quarantined : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a coordinator does with tasks, whatever stores them: it cuts them into tiles, has those
/// wait who ask for tasks, results and workers, knows the time and the workers' clocks, and makes
/// phases of the instants that the store keeps. TaskStore says what its calls do and throw. Where
/// there is a Durability, calls return when what they tell is written down. Thread-safe.
class TaskBroker {
 public:
  /// Both outlive this, and have no tasks yet.
  TaskBroker(TaskStore& store, PayloadStore& payloads, BrokerOptions options);
  TaskBroker(const TaskBroker&) = delete;
  TaskBroker& operator=(const TaskBroker&) = delete;

  /// Puts a task back as it was. Before anything else happens.
  void restore(RestoredTask task);

  /// A task of which only one tile can be made is not split. One that was submitted before under
  /// the same key is not added again. `client`: in whose line it waits.
  TaskId submit(std::shared_ptr<const Operands> operands, const Split& split = {},
                std::optional<SubmissionKey> key = {}, std::string client = {});

  /// Takes the task at the head of the queue for whoever asks, waiting for one up to `patience`.
  /// Who has waited longest is served first. A wait ends early when the claimant has gone. A
  /// question that was answered with a task before is answered with it again, as long as the claim
  /// lasts; one that is stale (ClaimBook) is answered with none. Throws Quarantined.
  Claimed claim(const Ask& ask, std::chrono::milliseconds patience, const StillThere& still_there);

  /// Has the lease of a claim begin again. Returns whether the task is held under it.
  bool renew(const Claim& claim) noexcept { return store_.renew(claim, clock_.read()); }

  /// A keeper has connected: a worker is there as long as its keeper is, under whose name it
  /// claims.
  void keeper_came(const std::string& keeper) { book_.came(keeper); }
  /// The worker says so: what it holds is renewed.
  void keep(const std::string& keeper);
  /// The connection has ended, as `how` tells: what is claimed under it comes back, unless there is
  /// another one of the same name; also where nobody tells how, "".
  void keeper_left(const std::string& keeper, std::string_view how) noexcept;

  TaskView cancel(TaskId id);
  TaskView retry(TaskId id);

  /// One answer with the claim was not made, or did not reach its worker. Returns whether no other
  /// answer to the same question has, or may: the worker does not know that it has the task.
  bool was_lost(const Claim& claim) noexcept { return book_.was_lost(claim); }
  /// An answer with the claim did not reach its worker: the task goes back if it was_lost().
  void unsent(const Claim& claim) noexcept;
  void requeue(const Claim& claim) noexcept;
  void unclaim(const Claim& claim) noexcept;
  void abandon(const Claim& claim, std::string_view how) noexcept;

  /// The task that `holder` holds, which has been heard of now, or held until its claim was over;
  /// nothing for one that is completed already. Throws NotHeld.
  std::optional<HeldTask> held(TaskId id, const Holder& holder);

  /// `worker`: who computed it, empty where it has no name; `told`: what it measured. A product
  /// that comes late is taken if it is right. Throws std::invalid_argument for one that is found to
  /// be wrong, whose worker is in quarantine from then on, and for a tile's that is not of its
  /// operands' dtype.
  TaskView complete(const Assignment& task, const std::string& worker, Result product,
                    const WorkerPhases& told);

  /// Who returns a product.
  struct Returning {
    std::string worker;       ///< empty: it has no name
    std::uint64_t lease = 0;  ///< 0: it names none
  };

  /// Whether `product` is the one that a completed task has; where it is not, that is noted with
  /// the task. What cannot be read, and that of a tile, which is part of its task's, is taken to
  /// be.
  bool confirm(TaskId id, const Returning& by, const Result& product);
  TaskView fail(const Claim& claim, const std::string& reason);
  TaskView nack(const Claim& claim, const std::string& reason);
  /// The product that came is not finite, as `reason` tells: the task is failed for good where that
  /// may be. Throws std::invalid_argument where it cannot; who returned it gets no more tasks then.
  TaskView overflowed(const Assignment& task, const std::string& worker, const std::string& reason);

  /// The task as it is now.
  TaskView look(TaskId id) const;
  /// All that is known of it, and what time it is.
  TaskRecord inspect(TaskId id) const;
  Instant now() const { return clock_.read(); }

  /// The task, as soon as it is completed or failed, or as it is after `patience`, when who waits
  /// has gone, or when this is closed.
  Awaited result(TaskId id, std::chrono::milliseconds patience, const StillThere& still_there);

  StoreStats stats() const { return store_.stats(); }

  /// What was written down; nothing without a Durability.
  Written written() const {
    return options_.durability == nullptr ? Written{} : options_.durability->written();
  }

  /// Products that were verified.
  struct Verified {
    std::uint64_t right;
    std::uint64_t wrong;
  };
  Verified verified() const { return {right_, wrong_}; }

  /// Asks that wait for a task now.
  std::size_t claimants() const { return line_.size(); }

  /// What a worker tells of itself.
  void describe(const std::string& worker, WorkerDescription description) {
    presence_.describe(worker, std::move(description));
  }

  /// Has a worker get no more tasks, so that it can be ended; what it holds it may finish. Throws
  /// UnknownWorker.
  void drain(const std::string& worker);
  /// … because it answered wrongly, as `reason` tells. Nothing, where it has no name.
  void quarantine(const std::string& worker, const std::string& reason);
  /// Has it get tasks again. Throws UnknownWorker.
  void readmit(const std::string& worker);
  /// One that got none before this process began. Before anything else happens.
  void restore(const RestoredWorker& worker) { presence_.restore(worker); }

  /// The worker has been heard of.
  void saw(const std::string& worker) { presence_.saw(worker); }

  /// The workers known by name, in the order of their names, as soon as `count` of them are asking
  /// or working, or after `time`, when who waits has gone, or when this is closed.
  std::vector<WorkerView> workers(std::size_t count, std::chrono::milliseconds time,
                                  const StillThere& still_there) {
    return presence_.await(count, patience(time, still_there));
  }

  /// Wakes everybody who waits, now and from now on. Nothing is lost: what is there can still be
  /// asked for.
  void close();

  /// Takes back every task whose lease has run out. A thread of the broker does this in time;
  /// whoever sets the clock calls it.
  void expire_leases() {
    store_.expire_leases(clock_.read());
    line_.serve();
  }

 private:
  Patience patience(std::chrono::milliseconds time, const StillThere& still_there) const {
    return {time, still_there, options_.presence_check};
  }
  std::optional<Partition> cut(const Operands& operands, const Split& split) const;
  class Announced;

  TaskId submit_whole(Submission submission, const Instant& at);
  TaskId submit_divided(Submission submission, const Partition& partition, const Instant& at);
  TaskView durable(TaskView task) const;
  void settle(TaskId id) const;
  bool note(const Claim& claim, const Ask& ask);
  std::optional<Assignment> answered_before(const Ask& ask);
  TaskView complete_tile(const Assignment& task, Completion completion, const Result& product,
                         const Instant& at);
  TaskRecord complete_in_store(const Assignment& task, Completion completion, const Result& product,
                               const Instant& at);
  void verify(const Assignment& task, const std::string& worker, const Result& product);
  [[noreturn]] void refuse_wrong(const Assignment& task, const std::string& worker,
                                 const std::string& how);
  std::shared_ptr<const Operands> operands_of(const Claim& claim);
  TaskView with_product(TaskRecord task) const;

  TaskStore& store_;
  PayloadStore& payloads_;
  const BrokerOptions options_;
  const Clock clock_;
  const ProductVerifier verifier_;
  std::atomic<std::uint64_t> right_ = 0;
  std::atomic<std::uint64_t> wrong_ = 0;
  Presence presence_;
  ClaimBook book_;
  ClaimLine line_;
  ResultWaits results_;
  LeaseWatch leases_;  // last: its thread uses the others
};

}  // namespace enxame::coordinator
