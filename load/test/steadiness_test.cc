#include "load/steadiness.h"

#include <gtest/gtest.h>

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

void record_many(Steadiness& steadiness, std::string_view worker, Duration compute,
                 std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) steadiness.record(worker, compute);
}

TEST(Steadiness, NeedsTwoSpansOfEqualSpeed) {
  Steadiness steadiness(1);
  record_many(steadiness, "w1", 10ms, 2 * Steadiness::kSpan - 1);
  EXPECT_FALSE(steadiness.steady());
  steadiness.record("w1", 10ms);
  EXPECT_TRUE(steadiness.steady());
}

TEST(Steadiness, NeedsTwoTasksWhereTheSpanIsOne) {
  Steadiness steadiness(1, 1);
  steadiness.record("w1", 10ms);
  EXPECT_FALSE(steadiness.steady());
  steadiness.record("w1", 5ms);
  EXPECT_FALSE(steadiness.steady());
  steadiness.record("w1", 5ms);
  EXPECT_TRUE(steadiness.steady());
}

TEST(Steadiness, WaitsWhileAWorkerGetsFaster) {
  Steadiness steadiness(1);
  record_many(steadiness, "w1", 40ms, Steadiness::kSpan);
  record_many(steadiness, "w1", 10ms, Steadiness::kSpan);
  EXPECT_FALSE(steadiness.steady());
  record_many(steadiness, "w1", 10ms, Steadiness::kSpan);
  EXPECT_TRUE(steadiness.steady());
}

TEST(Steadiness, IsNotHeldUpByAWorkerThatGetsSlower) {
  Steadiness steadiness(1);
  record_many(steadiness, "w1", 10ms, Steadiness::kSpan);
  record_many(steadiness, "w1", 15ms, Steadiness::kSpan);
  EXPECT_TRUE(steadiness.steady());
}

TEST(Steadiness, WaitsForEveryExpectedWorker) {
  Steadiness steadiness(2);
  record_many(steadiness, "w1", 10ms, 100);
  EXPECT_FALSE(steadiness.steady());
  EXPECT_EQ(steadiness.steady_workers(), 1u);
  record_many(steadiness, "w2", 10ms, 2 * Steadiness::kSpan);
  EXPECT_TRUE(steadiness.steady());
}

TEST(Steadiness, AcceptsTasksTooShortForTheClock) {
  Steadiness steadiness(1);
  record_many(steadiness, "w1", 0ns, 2 * Steadiness::kSpan);
  EXPECT_TRUE(steadiness.steady());
}

}  // namespace
}  // namespace enxame::load
