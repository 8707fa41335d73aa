#include "load/duration_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "matmul/splitmix64.h"

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

TEST(DurationHistogram, KnowsNothingOfNothing) {
  const DurationHistogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.percentile(0.5), 0ns);
  EXPECT_EQ(histogram.max(), 0ns);
}

TEST(DurationHistogram, IsExactForShortDurations) {
  DurationHistogram histogram;
  for (int ns = 1; ns <= 64; ++ns) histogram.record(Duration(ns));
  for (int ns = 1; ns <= 64; ++ns) EXPECT_EQ(histogram.percentile(ns / 64.0), Duration(ns));
}

TEST(DurationHistogram, PercentilesAreAtMostAThirtySecondTooHigh) {
  DurationHistogram histogram;
  std::vector<Duration> durations;
  SplitMix64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    durations.emplace_back(static_cast<Duration::rep>(random() >> (1 + random() % 63)));
    histogram.record(durations.back());
  }
  std::ranges::sort(durations);
  for (const std::size_t rank : {1u, 10u, 5'000u, 9'900u, 10'000u}) {
    const auto exact = static_cast<double>(durations[rank - 1].count());
    const auto found =
        static_cast<double>(histogram.percentile(static_cast<double>(rank) / 10'000).count());
    EXPECT_GE(found, exact);
    EXPECT_LE(found, exact * (1 + 1.0 / 32));
  }
  EXPECT_EQ(histogram.max(), durations.back());
}

TEST(DurationHistogram, TakesTheLongestAndTheNegative) {
  DurationHistogram histogram;
  histogram.record(-5ns);
  EXPECT_EQ(histogram.percentile(1), 0ns);
  histogram.record(Duration::max());
  EXPECT_EQ(histogram.percentile(0.5), 0ns);
  EXPECT_EQ(histogram.percentile(1), Duration::max());
}

}  // namespace
}  // namespace enxame::load
