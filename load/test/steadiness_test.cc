#include "load/steadiness.h"

#include <gtest/gtest.h>

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

/// All of one response time, so that only computing decides.
void record_many(Steadiness& steadiness, std::string_view worker, Duration compute,
                 std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) steadiness.record(worker, compute, 50ms, {});
}

Steadiness steadiness_of(std::size_t workers, std::size_t span = Steadiness::kSpan) {
  return Steadiness(workers, span, 0ms);
}

TEST(Steadiness, NeedsTwoSpansOfEqualSpeed) {
  Steadiness steadiness = steadiness_of(1);
  record_many(steadiness, "w1", 10ms, 2 * Steadiness::kSpan - 1);
  EXPECT_FALSE(steadiness.steady());
  record_many(steadiness, "w1", 10ms, 1);
  EXPECT_TRUE(steadiness.steady());
}

TEST(Steadiness, NeedsTwoTasksWhereTheSpanIsOne) {
  Steadiness steadiness = steadiness_of(1, 1);
  record_many(steadiness, "w1", 10ms, 1);
  EXPECT_FALSE(steadiness.steady());
  record_many(steadiness, "w1", 5ms, 1);
  EXPECT_FALSE(steadiness.steady());
  record_many(steadiness, "w1", 5ms, 1);
  EXPECT_TRUE(steadiness.steady());
}

TEST(Steadiness, WaitsWhileAWorkerGetsFaster) {
  Steadiness steadiness = steadiness_of(1);
  record_many(steadiness, "w1", 40ms, Steadiness::kSpan);
  record_many(steadiness, "w1", 10ms, Steadiness::kSpan);
  EXPECT_FALSE(steadiness.steady());
  record_many(steadiness, "w1", 10ms, Steadiness::kSpan);
  EXPECT_TRUE(steadiness.steady());
}

TEST(Steadiness, IsNotHeldUpByAWorkerThatGetsSlower) {
  Steadiness steadiness = steadiness_of(1);
  record_many(steadiness, "w1", 10ms, Steadiness::kSpan);
  record_many(steadiness, "w1", 15ms, Steadiness::kSpan);
  EXPECT_TRUE(steadiness.steady());
}

TEST(Steadiness, WaitsForEveryExpectedWorker) {
  Steadiness steadiness = steadiness_of(2);
  record_many(steadiness, "w1", 10ms, 100);
  EXPECT_FALSE(steadiness.steady());
  EXPECT_EQ(steadiness.steady_workers(), 1u);
  record_many(steadiness, "w2", 10ms, 2 * Steadiness::kSpan);
  EXPECT_TRUE(steadiness.steady());
}

TEST(Steadiness, WaitsWhileResponsesChangeThoughEveryWorkerIsSteady) {
  Steadiness steadiness = steadiness_of(1);
  for (int i = 0; i < 5; ++i) steadiness.record("w1", 1us, 20us, {});
  for (int i = 0; i < 5; ++i) steadiness.record("w1", 1us, 80us, {});
  EXPECT_EQ(steadiness.steady_workers(), 1u);
  EXPECT_FALSE(steadiness.steady());
  for (int i = 0; i < 5; ++i) steadiness.record("w1", 1us, 80us, {});
  EXPECT_TRUE(steadiness.steady());
}

TEST(Steadiness, AcceptsTasksTooShortForTheClock) {
  Steadiness steadiness = steadiness_of(1);
  record_many(steadiness, "w1", 0ns, 2 * Steadiness::kSpan);
  EXPECT_TRUE(steadiness.steady());
}

}  // namespace
}  // namespace enxame::load
