#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

#include "coordinator/store/rules.h"
#include "coordinator/store/task_observer.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator::simulation {

/// What must never happen has happened. Names the invariant.
class Violation : public std::runtime_error {
 public:
  Violation(std::string_view invariant, const std::string& what)
      : std::runtime_error(std::string(invariant) + ": " + what) {}
};

/// Whoever does something to a task, as far as the store can know.
struct Deed {
  TaskId task = 0;          ///< 0: it is no answer for a task
  std::uint64_t lease = 0;  ///< that it names
  bool is_right = false;    ///< of a product: whether it is right
};

/// Watches a store and holds it to what must be so whatever happens, by books of its own:
///
/// - `ends-stay`: nothing leaves completed or cancelled, and failed only by a retry;
/// - `one-holder`: only a pending task is claimed, under a generation that no claim had before;
/// - `first-come`: of the pending ones of its client it is the one that was submitted first;
/// - `fair`: nobody who waits is passed over by the same client more than once;
/// - `stale-is-void`: an answer has an effect only under the lease under which the task is held,
///   or, late, by a right product;
/// - `right-only`: the product of a completed task is right;
/// - `attempts-bounded`: a task is handed out at most as often as its attempts and free returns
///   allow;
/// - `whole-of-tiles`: a split task is completed when all of its tiles are, and fails with one;
/// - `counts`: what the store counts is what there is;
/// - `leases-end`: no lease lasts beyond its end.
class Invariants : public TaskObserver {
 public:
  explicit Invariants(const Limits& limits) : limits_(limits) {}

  /// What is being done to the store, until the next.
  void doing(const Deed& deed) { deed_ = deed; }

  void submitted(const TaskRecord& task) noexcept override;
  void changed(const TaskChange& change) noexcept override;
  void forgotten(const TaskRecord& task) noexcept override;

  /// After each step. Throws Violation.
  void check(const TaskStore& store, const Instant& now) const;

  /// How many tasks and tiles were claimed.
  std::uint64_t claims() const { return claims_; }
  /// How often each event has happened to tasks that workers take.
  std::uint64_t times(TaskEvent event) const { return events_[static_cast<std::size_t>(event)]; }
  /// Tasks, as they were submitted, that are not finished.
  std::size_t unfinished() const { return unfinished_; }

 private:
  struct Known {
    TaskState state = TaskState::pending;
    std::uint64_t lease = 0;
    int claims = 0;  // since it was submitted or retried, less those that cost nothing
    int free_returns = 0;
    TaskId parent = 0;
    std::size_t tiles = 0;
    std::size_t missing = 0;
    std::string client;
  };

  void add_pending(const Known& known, TaskId id);
  void remove_pending(const Known& known, TaskId id);
  void judge(const TaskChange& change, Known& known);
  void judge_split(const TaskChange& change, Known& known);
  void judge_claim(const TaskRecord& task, Known& known);
  void judge_turn(const TaskRecord& task, const Known& known);
  void judge_answer(const TaskChange& change, const Known& known) const;
  void note(const TaskChange& change, Known& known);
  void violated(std::string_view invariant, const TaskRecord& task, const std::string& what);

  const Limits limits_;
  Deed deed_;
  std::unordered_map<TaskId, Known> tasks_;
  /// A client of whose tasks some are pending.
  struct Waiting {
    std::set<TaskId> tasks;
    std::unordered_map<std::string, int> passed_by;  // others, since it was served last or came
  };

  std::unordered_map<std::string, Waiting> waiting_;
  std::size_t pending_ = 0;
  std::size_t held_ = 0;
  std::size_t unfinished_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t completed_ = 0;
  std::uint64_t claims_ = 0;
  std::uint64_t last_lease_ = 0;
  std::array<std::uint64_t, kTaskEvents> events_{};
  std::string violation_;  // the first
};

}  // namespace enxame::coordinator::simulation
