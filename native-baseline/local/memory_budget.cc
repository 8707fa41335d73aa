#include "native-baseline/local/memory_budget.h"

namespace enxame::native {

void MemoryBudget::Share::grow_to(std::size_t bytes) {
  if (bytes <= bytes_) return;
  const std::size_t all = account_->bytes;
  std::size_t taken = account_->taken;
  while (bytes - bytes_ <= all - taken) {
    if (account_->taken.compare_exchange_weak(taken, taken + (bytes - bytes_))) {
      bytes_ = bytes;
      return;
    }
  }
  const std::string needed = "the task needs " + std::to_string(bytes) + " bytes of memory, ";
  if (bytes > all) {
    throw NoRoom(needed + "more than the " + std::to_string(all) +
                     " that all tasks may take together (--max-memory)",
                 true);
  }
  throw NoRoom(needed + "and of " + std::to_string(all) + " (--max-memory) " +
                   std::to_string(taken) + " are taken: try again later",
               false);
}

void MemoryBudget::Share::shrink_to(std::size_t bytes) noexcept {
  if (bytes >= bytes_) return;
  account_->taken -= bytes_ - bytes;
  bytes_ = bytes;
}

}  // namespace enxame::native
