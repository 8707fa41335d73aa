#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

#include "net/budget.h"

namespace enxame::native {

/// Memory that a task needs and that its program has not got to give. The message names both.
class NoRoom : public std::runtime_error {
 public:
  NoRoom(const std::string& message, bool for_ever)
      : std::runtime_error(message), for_ever_(for_ever) {}

  /// Whether it is more than there is for all tasks together, so that trying again does not help.
  bool for_ever() const { return for_ever_; }

 private:
  bool for_ever_;
};

/// The budget of what the tasks of a program take together. Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes) : budget_(std::make_shared<net::Budget>(bytes)) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// What one task, or one connection, has taken; comes back when it ends. Used by one thread at a
  /// time, and may outlive the budget.
  class Share {
   public:
    explicit Share(const MemoryBudget& budget) : budget_(budget.budget_), share_(*budget_) {}

    /// Makes it `bytes` at least. Throws NoRoom, leaving it as it is.
    void grow_to(std::size_t bytes);
    void grow_by(std::size_t bytes) { grow_to(this->bytes() + bytes); }

    /// Makes it `bytes` at most.
    void shrink_to(std::size_t bytes) noexcept { share_.shrink_to(bytes); }

    std::size_t bytes() const { return share_.held(); }

    /// As the budget's.
    bool is_crowded() const { return budget_->is_crowded(); }

   private:
    std::shared_ptr<net::Budget> budget_;
    net::Budget::Share share_;
  };

  std::size_t taken() const { return budget_->held(); }

  /// Whether so much is taken that nobody should keep memory for the next task.
  bool is_crowded() const { return budget_->is_crowded(); }

 private:
  std::shared_ptr<net::Budget> budget_;
};

}  // namespace enxame::native
