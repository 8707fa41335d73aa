#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/store/instant.h"
#include "coordinator/store/task_event.h"

namespace enxame::coordinator {

/// A claim that ended without a product.
struct EndedClaim {
  std::string worker;  ///< who held the task; empty: it has no name
  std::uint64_t lease = 0;
  Instant claimed_at;
  Instant ended_at;
  TaskEvent how{};
  std::string reason;  ///< in words
};

/// A product that came for a completed task and is not the one that it has.
struct Contradiction {
  std::string worker;  ///< who returned it; empty: it has no name
  std::uint64_t lease = 0;
  Instant at;
  std::string difference;  ///< where both differ most, in words
};

/// What happened to a task besides the claim that completed it. Bounded: of what is more than there
/// is room for, the oldest claims and the latest contradictions are left out, as is what there is
/// no memory for. Small as long as nothing has happened, as to most tasks.
class TaskHistory {
 public:
  TaskHistory() = default;
  /// Throws std::bad_alloc.
  TaskHistory(const TaskHistory& other);
  TaskHistory(TaskHistory&&) noexcept = default;
  TaskHistory& operator=(TaskHistory other) noexcept {
    kept_.swap(other.kept_);
    std::swap(left_out_, other.left_out_);
    return *this;
  }
  ~TaskHistory() = default;

  static constexpr std::size_t kMostClaims = 16;
  static constexpr std::size_t kMostContradictions = 4;

  void add(EndedClaim claim) noexcept;
  void add(Contradiction contradiction) noexcept;
  /// Counts a claim that could not be noted.
  void leave_out() noexcept { ++left_out_; }

  const std::vector<EndedClaim>& claims() const noexcept;
  const std::vector<Contradiction>& contradictions() const noexcept;
  /// Claims and contradictions that were not kept.
  std::size_t left_out() const { return left_out_; }

  /// The claim under that lease; null where there was none.
  const EndedClaim* find(std::uint64_t lease) const noexcept;

  /// What it takes, roughly.
  std::size_t bytes() const noexcept;

 private:
  struct Kept {
    std::vector<EndedClaim> claims;
    std::vector<Contradiction> contradictions;
  };

  Kept& kept();

  std::unique_ptr<Kept> kept_;  // null: nothing
  std::size_t left_out_ = 0;
};

}  // namespace enxame::coordinator
