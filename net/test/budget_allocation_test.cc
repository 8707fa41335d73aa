// A budget when there is no memory. A program of its own: it takes the place of operator new.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>

#include "net/budget.h"

namespace {

std::atomic<bool> has_memory{true};

}  // namespace

void* operator new(std::size_t size) {
  if (has_memory) {
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  }
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace enxame::net {
namespace {

TEST(BudgetWithoutMemory, HoldsKeepsAndReleases) {
  Budget budget(100);
  Budget::Share share(budget, [] {});
  has_memory = false;
  const bool has_room = share.hold(60);
  share.complete();
  share.keep();
  share.resume();
  const std::size_t held = budget.held();
  share.release();
  has_memory = true;
  EXPECT_TRUE(has_room);
  EXPECT_EQ(held, 60U);
  EXPECT_EQ(budget.held(), 0U);
}

TEST(BudgetWithoutMemory, ForgetsWhoWaitedInVain) {
  Budget budget(100);
  Budget::Share full(budget, [] {});
  ASSERT_TRUE(full.hold(100));
  full.complete();
  {
    Budget::Share share(budget, [] {});
    has_memory = false;
    const bool has_room = share.hold(60);
    has_memory = true;
    EXPECT_FALSE(has_room);
  }
  full.release();
  Budget::Share next(budget, [] {});
  EXPECT_TRUE(next.hold(60));
  EXPECT_EQ(budget.held(), 60U);
}

}  // namespace
}  // namespace enxame::net
