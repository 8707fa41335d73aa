#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

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

/// Bounds what the tasks of a program take together: each takes its share before it asks the system
/// for memory, which would not refuse it, but end the program later. Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes) : account_(std::make_shared<Account>(bytes)) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

 private:
  struct Account {
    explicit Account(std::size_t all) : bytes(all) {}

    bool is_crowded() const { return taken > bytes / 2; }

    const std::size_t bytes;
    std::atomic<std::size_t> taken = 0;
  };

 public:
  /// What one task, or one connection, has taken; comes back when it ends. Used by one thread at a
  /// time, and may outlive the budget.
  class Share {
   public:
    explicit Share(const MemoryBudget& budget) : account_(budget.account_) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { shrink_to(0); }

    /// Makes it `bytes` at least. Throws NoRoom, leaving it as it is.
    void grow_to(std::size_t bytes);
    void grow_by(std::size_t bytes) { grow_to(bytes_ + bytes); }

    /// Makes it `bytes` at most.
    void shrink_to(std::size_t bytes) noexcept;

    std::size_t bytes() const { return bytes_; }

    /// As the budget's.
    bool is_crowded() const { return account_->is_crowded(); }

   private:
    std::shared_ptr<Account> account_;
    std::size_t bytes_ = 0;
  };

  std::size_t taken() const { return account_->taken; }

  /// Whether so much is taken that nobody should keep memory for the next task.
  bool is_crowded() const { return account_->is_crowded(); }

 private:
  std::shared_ptr<Account> account_;
};

}  // namespace enxame::native
