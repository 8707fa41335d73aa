#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "coordinator/broker/clock.h"
#include "coordinator/broker/durability.h"
#include "coordinator/broker/waiting.h"
#include "coordinator/broker/worker_registry.h"
#include "coordinator/store/task_observer.h"

namespace enxame::coordinator {

/// Which workers are there, and those who wait for so many of them. Watches a store for what they
/// hold and complete. Thread-safe.
class Presence : public TaskObserver {
 public:
  /// Both outlive this. Whom it does not admit is written down where there is a `durability`.
  explicit Presence(const Clock& clock, Durability* durability = nullptr)
      : clock_(clock), durability_(durability) {}

  /// The worker has been heard of; the nameless, "", are not kept.
  void saw(const std::string& worker);
  void began_to_wait(const std::string& worker) noexcept;
  void ended_to_wait(const std::string& worker);

  /// How many are to be counted on.
  std::size_t reliable() const;

  /// What it tells of itself.
  void describe(const std::string& worker, WorkerDescription description);

  /// Has the worker get tasks, or not. Returns whether it is known.
  bool admit(const std::string& worker, Admission admission, const std::string& reason);
  /// One that got none before this process began.
  void restore(const RestoredWorker& worker);
  Admission admission_of(const std::string& worker) const noexcept;
  /// Why the worker is not admitted; empty where it is.
  std::string why_not_admitted(const std::string& worker) const;

  /// Takes the time from `sent` to `answered` apart by what is known of the worker's clock.
  TimeAway time_away(const std::string& worker, const Instant& sent, const Instant& answered,
                     const WorkerPhases& told);

  /// The workers known by name, in the order of their names, as soon as `count` of them are asking
  /// or working, or at the end of the patience, or when this is closed.
  std::vector<WorkerView> await(std::size_t count, const Patience& patience);

  void close();

  void changed(const TaskChange& change) noexcept override;

 private:
  using TimePoint = Clock::TimePoint;
  using Views = std::shared_ptr<const std::vector<WorkerView>>;

  struct Waiter {
    Views found;
    std::condition_variable satisfied;
  };

  void note(const std::string& worker);
  TimePoint now() const { return Clock::to_time_point(clock_.read()); }

  const Clock& clock_;
  Durability* const durability_;
  mutable std::mutex mutex_;
  WorkerRegistry workers_;
  std::atomic<bool> all_admitted_ = true;        // ever since; spares a look at each claim
  std::multimap<std::size_t, Waiter*> waiters_;  // by how many they wait for
  bool closed_ = false;
};

}  // namespace enxame::coordinator
