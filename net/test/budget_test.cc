#include "net/budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <vector>

namespace enxame::net {
namespace {

using namespace std::chrono_literals;

void nothing() {}

TEST(Budget, CountsWhatIsHeldAndReleased) {
  Budget budget(100);
  {
    Budget::Share share(budget, nothing);
    ASSERT_TRUE(share.hold(40));
    ASSERT_TRUE(share.hold(30));
    EXPECT_EQ(budget.held(), 40U);
    ASSERT_TRUE(share.hold(60));
    EXPECT_EQ(budget.held(), 60U);
    share.release();
    EXPECT_EQ(budget.held(), 0U);
    ASSERT_TRUE(share.hold(100));
  }
  EXPECT_EQ(budget.held(), 0U);
}

TEST(Budget, HoldsAtOnceOrNotAtAll) {
  Budget budget(100);
  Budget::Share one(budget, nothing);
  Budget::Share other(budget, nothing);
  EXPECT_TRUE(one.try_hold(60));
  EXPECT_FALSE(other.try_hold(60));
  EXPECT_EQ(budget.held(), 60U);
  one.release();
  EXPECT_TRUE(other.try_hold(60));
}

TEST(Budget, TakesBackWhatAShareNoLongerNeeds) {
  Budget budget(100);
  Budget::Share one(budget);
  Budget::Share other(budget);
  ASSERT_TRUE(one.try_hold(60));
  EXPECT_TRUE(budget.is_crowded());
  one.shrink_to(70);
  EXPECT_EQ(one.held(), 60U);
  one.shrink_to(10);
  EXPECT_EQ(one.held(), 10U);
  EXPECT_FALSE(budget.is_crowded());
  EXPECT_TRUE(other.try_hold(90));
}

/// That whoever waits for room gets it when `make_room` was called with the share that has all of
/// it.
void expect_woken_by(const std::function<void(Budget::Share&)>& make_room) {
  Budget budget(100);
  Budget::Share first(budget, nothing);
  ASSERT_TRUE(first.hold(100));
  first.complete();
  Budget::Share second(budget, nothing);
  auto held = std::async(std::launch::async, [&] { return second.hold(50); });
  EXPECT_EQ(held.wait_for(20ms), std::future_status::timeout);
  make_room(first);
  EXPECT_TRUE(held.get());
}

TEST(Budget, WakesWhoWaitsForWhatAShareNoLongerNeeds) {
  expect_woken_by([](Budget::Share& share) { share.shrink_to(50); });
}

TEST(Budget, WaitsForRoom) {
  expect_woken_by([](Budget::Share& share) { share.release(); });
}

TEST(Budget, InterruptsTheLongestStalledAndNoMoreThanItMust) {
  Budget budget(90);
  std::vector<int> interrupted;
  std::vector<std::promise<void>> ends(3);
  std::vector<std::unique_ptr<Budget::Share>> shares;
  for (int i = 0; i < 3; ++i) {
    shares.push_back(std::make_unique<Budget::Share>(budget, [&, i] {
      interrupted.push_back(i);
      ends[static_cast<std::size_t>(i)].set_value();
    }));
    ASSERT_TRUE(shares.back()->hold(30));
  }
  // Each body's connection releases its share when it is interrupted.
  auto first = std::async(std::launch::async, [&] {
    ends[0].get_future().wait();
    shares[0]->release();
  });
  Budget::Share newcomer(budget, nothing);
  EXPECT_TRUE(newcomer.hold(20));
  EXPECT_EQ(interrupted, std::vector{0});
  EXPECT_TRUE(shares[0]->interrupted());
  EXPECT_FALSE(shares[1]->interrupted());
}

/// Whether a body that gets `bytes` at a time, a quarter of kStalledAfter apart, is interrupted
/// when others need its room.
bool is_interrupted(std::size_t bytes) {
  constexpr std::size_t kRate = 4'000;
  Budget budget(100, kRate);
  std::atomic<bool> interrupted = false;
  Budget::Share moving(budget, [&] { interrupted = true; });
  EXPECT_TRUE(moving.hold(100));
  Budget::Share newcomer(budget, nothing);
  auto held = std::async(std::launch::async, [&] { return newcomer.hold(1); });
  const auto began = std::chrono::steady_clock::now();
  for (int i = 1; !interrupted && held.wait_until(began + i * Budget::kStalledAfter / 4) ==
                                      std::future_status::timeout;
       ++i) {
    moving.moved(bytes);
  }
  moving.release();
  held.wait();
  return interrupted;
}

TEST(Budget, LeavesBodiesAloneThatKeepUpTheMinimumRate) { EXPECT_FALSE(is_interrupted(1'100)); }

TEST(Budget, InterruptsBodiesThatTrickle) { EXPECT_TRUE(is_interrupted(100)); }

TEST(Budget, LeavesCompleteBodiesAlone) {
  Budget budget(100);
  bool interrupted = false;
  Budget::Share complete(budget, [&] { interrupted = true; });
  ASSERT_TRUE(complete.hold(100));
  complete.complete();
  Budget::Share newcomer(budget, nothing);
  EXPECT_FALSE(newcomer.hold(1));
  EXPECT_FALSE(interrupted);
}

TEST(Budget, TakesWhatIsOnlyKeptAtOnce) {
  Budget budget(100);
  std::promise<void> interrupted;
  Budget::Share kept(budget, [&] { interrupted.set_value(); });
  ASSERT_TRUE(kept.hold(100));
  kept.complete();
  kept.keep();
  auto end = std::async(std::launch::async, [&] {
    interrupted.get_future().wait();
    kept.release();
  });
  Budget::Share newcomer(budget, nothing);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(newcomer.hold(60));
  EXPECT_LT(std::chrono::steady_clock::now() - began, Budget::kStalledAfter);
}

}  // namespace
}  // namespace enxame::net
