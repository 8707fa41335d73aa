#include "native-baseline/local/memory_budget.h"

namespace enxame::native {

void MemoryBudget::Share::grow_to(std::size_t bytes) {
  if (share_.try_hold(bytes)) return;
  const std::size_t all = budget_->bytes();
  const std::string needed = "the task needs " + std::to_string(bytes) + " bytes of memory, ";
  if (bytes > all) {
    throw NoRoom(needed + "more than the " + std::to_string(all) +
                     " that all tasks may take together (--max-memory)",
                 true);
  }
  throw NoRoom(needed + "and of " + std::to_string(all) + " (--max-memory) " +
                   std::to_string(budget_->held()) + " are taken: try again later",
               false);
}

}  // namespace enxame::native
