#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>

#include "coordinator/broker/clock.h"
#include "coordinator/broker/presence.h"
#include "coordinator/broker/waiting.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

/// Those who wait for a task, whatever store it comes from. Of the workers that are admitted, who
/// has waited longest is served first, and alone is woken. Thread-safe.
class ClaimLine {
 public:
  /// What came of a claim: a task's, or why there is none.
  struct Turn {
    WaitOutcome outcome;
    std::optional<Claim> claim{};
  };

  /// All outlive this.
  ClaimLine(TaskStore& store, const Clock& clock, Presence& presence)
      : store_(store), clock_(clock), presence_(presence) {}

  /// The task at the head of the queue, as soon as there is one and nobody waits for longer.
  Turn claim(Asker asker, const Patience& patience);

  /// Gives what is in the queue to those who wait. To be called when something may have come into
  /// it.
  void serve() noexcept;

  /// Ends all waits, now and from now on.
  void close();

  std::size_t size() const;

 private:
  struct Claimant {
    Asker asker;
    std::optional<Turn> turn;
    std::condition_variable served;
  };

  bool may_take(const Asker& asker) const noexcept;
  bool is_next(const Asker& asker) const noexcept;
  void serve_waiting() noexcept;

  TaskStore& store_;
  const Clock& clock_;
  Presence& presence_;
  mutable std::mutex mutex_;        // taken before the store's own
  std::list<Claimant*> claimants_;  // in the order of their coming
  bool closed_ = false;
};

}  // namespace enxame::coordinator
