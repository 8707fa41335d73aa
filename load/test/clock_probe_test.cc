#include "load/clock_probe.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "load/migrations.h"

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

// Four million steps of six dependent operations each: between 0.5 GHz at one operation a cycle and
// 10 GHz at one step in three cycles, whatever the machine does meanwhile.
TEST(ClockProbe, TakesAsLongAsItsWorkDoes) {
  const Duration probe = clock_probe();
  EXPECT_GT(probe, 1ms);
  EXPECT_LT(probe, 1s);
}

TEST(ClockProbe, DoesNotCountTheTimeOfOthers) {
  cpu_set_t before;
  CPU_ZERO(&before);
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  const Duration alone = clock_probe();
  std::atomic<bool> stopping = false;
  std::vector<std::thread> others;  // on the same processor
  for (int i = 0; i < 7; ++i) {
    others.emplace_back([&] {
      while (!stopping) {
      }
    });
  }
  const Duration crowded = clock_probe();
  stopping = true;
  for (std::thread& other : others) other.join();
  sched_setaffinity(0, sizeof before, &before);
  EXPECT_LT(crowded, 3 * alone) << "with eight on the processor it would be eight times";
}

TEST(Migrations, AreCountedWhereTheKernelTells) {
  if (!std::filesystem::exists("/proc/self/sched")) GTEST_SKIP() << "no /proc/self/sched";
  const auto before = own_migrations();
  ASSERT_TRUE(before.has_value());
  EXPECT_GE(own_migrations(), before);
}

}  // namespace
}  // namespace enxame::load
