#include "load/arrivals/arrival_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace enxame::load {
namespace {

std::vector<Duration> offsets(ArrivalSchedule schedule, std::size_t count) {
  std::vector<Duration> offsets(count);
  std::ranges::generate(offsets, [&] { return schedule.next(); });
  return offsets;
}

/// In seconds.
std::vector<double> gaps(const std::vector<Duration>& offsets) {
  std::vector<double> gaps;
  Duration last{};
  for (const Duration offset : offsets) {
    gaps.push_back(std::chrono::duration<double>(offset - last).count());
    last = offset;
  }
  return gaps;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double variance(const std::vector<double>& values) {
  const double centre = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - centre) * (value - centre);
  return sum / static_cast<double>(values.size() - 1);
}

// For exponential gaps of rate λ the mean is 1/λ, the variance 1/λ²; over N gaps the mean varies by
// 1/(λ√N) and the variance by √8/(λ²√N). Bounds at four of those.
TEST(ArrivalSchedule, PoissonGapsHaveTheMeanAndVarianceOfAnExponential) {
  constexpr std::size_t kGaps = 100'000;
  constexpr double kRate = 250;
  const double root = std::sqrt(static_cast<double>(kGaps));
  const auto drawn = gaps(offsets({ArrivalProcess::poisson, kRate, 7}, kGaps));
  EXPECT_NEAR(mean(drawn) * kRate, 1, 4 / root);
  EXPECT_NEAR(variance(drawn) * kRate * kRate, 1, 4 * std::sqrt(8) / root);
}

// Kolmogorov and Smirnov's D < 1.63/√N with probability 99 % (Massey, JASA 46, 1951); the seed is
// fixed.
TEST(ArrivalSchedule, PoissonGapsAreExponential) {
  constexpr std::size_t kGaps = 100'000;
  constexpr double kRate = 40;
  auto drawn = gaps(offsets({ArrivalProcess::poisson, kRate, 1}, kGaps));
  std::ranges::sort(drawn);
  double distance = 0;
  for (std::size_t i = 0; i < kGaps; ++i) {
    const double expected = 1 - std::exp(-kRate * drawn[i]);
    const double below = static_cast<double>(i) / kGaps;
    const double above = static_cast<double>(i + 1) / kGaps;
    distance = std::max({distance, std::abs(expected - below), std::abs(expected - above)});
  }
  EXPECT_LT(distance, 1.63 / std::sqrt(static_cast<double>(kGaps)));
}

// A gap says nothing about the next: their correlation varies by 1/√N around zero.
TEST(ArrivalSchedule, PoissonGapsAreIndependent) {
  constexpr std::size_t kGaps = 100'000;
  const auto drawn = gaps(offsets({ArrivalProcess::poisson, 1, 3}, kGaps));
  double sum = 0;
  for (std::size_t i = 1; i < kGaps; ++i) sum += (drawn[i - 1] - 1) * (drawn[i] - 1);
  EXPECT_LT(std::abs(sum / kGaps), 4 / std::sqrt(static_cast<double>(kGaps)));
}

TEST(ArrivalSchedule, UniformArrivalsNeverDrift) {
  ArrivalSchedule schedule(ArrivalProcess::uniform, 3000, 1);
  for (std::int64_t i = 0; i < 10'000'000; ++i) {
    const auto nearest = (i * 1'000'000 + 1) / 3;  // of i / 3000 s, in nanoseconds
    ASSERT_EQ(schedule.next().count(), nearest);
  }
}

// The sum of rounded gaps would be off by √N/√12 ns, of gaps that are cut off by N/2.
TEST(ArrivalSchedule, PoissonArrivalsAreRoundedOnceEach) {
  constexpr double kRate = 1e6;  // gaps of 1000 ns on average: rounding would be felt
  const auto fine = offsets({ArrivalProcess::poisson, kRate, 5}, 1'000'000);
  const auto coarse = offsets({ArrivalProcess::poisson, kRate / 1e6, 5}, 1'000'000);
  for (std::size_t i = 0; i < fine.size(); i += 1000) {
    ASSERT_NEAR(static_cast<double>(fine[i].count()), static_cast<double>(coarse[i].count()) / 1e6,
                0.51);
  }
}

TEST(ArrivalSchedule, DependsOnTheSeedAndOnNothingElse) {
  const auto first = offsets({ArrivalProcess::poisson, 100, 1}, 1000);
  EXPECT_EQ(first, offsets({ArrivalProcess::poisson, 100, 1}, 1000));
  EXPECT_NE(first, offsets({ArrivalProcess::poisson, 100, 2}, 1000));
  EXPECT_TRUE(std::ranges::is_sorted(first));
}

TEST(ArrivalSchedule, RefusesARateThatIsNone) {
  for (const double rate : {0.0, -1.0, 0.0009, 1e7, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(ArrivalSchedule(ArrivalProcess::poisson, rate, 1), std::invalid_argument) << rate;
  }
}

}  // namespace
}  // namespace enxame::load
