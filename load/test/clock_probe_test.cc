#include "load/clock_probe.h"

#include <gtest/gtest.h>

#include <filesystem>

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

TEST(Migrations, AreCountedWhereTheKernelTells) {
  if (!std::filesystem::exists("/proc/self/sched")) GTEST_SKIP() << "no /proc/self/sched";
  const auto before = own_migrations();
  ASSERT_TRUE(before.has_value());
  EXPECT_GE(own_migrations(), before);
}

}  // namespace
}  // namespace enxame::load
