#include "load/arrivals/rate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "load/arrivals/arrival_schedule.h"

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

double by(const RatePtr& rate, Duration time) {
  return rate->arrivals_by(static_cast<double>(time.count()));
}

/// How many arrivals of a schedule come in each second of the first `seconds`.
std::vector<int> per_second(ArrivalSchedule schedule, std::size_t seconds) {
  std::vector<int> counts(seconds);
  for (;;) {
    const auto second = static_cast<std::size_t>(schedule.next() / 1s);
    if (second >= seconds) return counts;
    ++counts[second];
  }
}

const std::vector<std::pair<std::string, RatePtr>>& rates() {
  static const std::vector<std::pair<std::string, RatePtr>> all{
      {"constant", constant(250)},
      {"ramp up from nothing", ramp(0, 200, 10s)},
      {"ramp down", ramp(200, 0.5, 10s)},
      {"ramp that is none", ramp(40, 40, 10s)},
      {"step", step(constant(10), 2s, constant(100))},
      {"start at", start_at(3s, constant(50))},
      {"burst", burst(constant(100), 1s, constant(1), 10s)},
      {"ramp in front of bursts, after a pause",
       start_at(2s, step(ramp(0, 30, 4s), 4s, burst(constant(90), 500ms, constant(3), 2s)))}};
  return all;
}

TEST(Rate, WhenSoManyAreExpectedIsTheInverseOfHowManyAreExpectedByThen) {
  for (const auto& [name, rate] : rates()) {
    for (double arrivals = 0.25; arrivals < 3000; arrivals *= 1.3) {
      const double ns = rate->time_ns_of(arrivals);
      EXPECT_NEAR(rate->arrivals_by(ns), arrivals, 1e-6) << name;
    }
  }
}

TEST(Rate, NeverGoesBack) {
  for (const auto& [name, rate] : rates()) {
    double last_arrivals = 0;
    double last_ns = 0;
    for (int i = 0; i < 5000; ++i) {
      const double arrivals = rate->arrivals_by(i * 7.3e6);
      EXPECT_GE(arrivals, last_arrivals) << name;
      const double ns = rate->time_ns_of(i * 0.37);
      EXPECT_GE(ns, last_ns) << name;
      last_arrivals = arrivals;
      last_ns = ns;
    }
  }
}

TEST(Rate, OfARampIsAStraightLineAndThenItsEnd) {
  const RatePtr up = ramp(0, 200, 10s);
  EXPECT_NEAR(by(up, 5s), 250, 1e-9);
  EXPECT_NEAR(by(up, 10s), 1000, 1e-9);
  EXPECT_NEAR(by(up, 12s), 1400, 1e-9);
  EXPECT_NEAR(by(ramp(100, 50, 2s), 2s), 150, 1e-9);
}

TEST(Rate, OfAStepIsOneAndThenTheOtherFromItsBeginning) {
  EXPECT_NEAR(by(step(constant(10), 2s, constant(100)), 3s), 120, 1e-9);
  EXPECT_NEAR(by(step(constant(10), 2s, ramp(0, 100, 2s)), 4s), 120, 1e-9);
}

TEST(Rate, OfBurstsIsThatOfAPeriodAgainAndAgain) {
  const RatePtr bursts = burst(constant(100), 1s, constant(1), 10s);
  EXPECT_NEAR(by(bursts, 1s), 100, 1e-9);
  EXPECT_NEAR(by(bursts, 10s), 109, 1e-9);
  EXPECT_NEAR(by(bursts, 20s), 218, 1e-9);
  EXPECT_NEAR(by(bursts, 20s + 500ms), 268, 1e-9);
}

TEST(Rate, BeforeItsStartBringsNothing) {
  const RatePtr late = start_at(3s, constant(50));
  EXPECT_EQ(by(late, 3s), 0);
  EXPECT_NEAR(by(late, 4s), 50, 1e-9);
  ArrivalSchedule schedule(ArrivalProcess::uniform, late, 1);
  EXPECT_EQ(schedule.next(), 3s);
  EXPECT_EQ(schedule.next(), 3s + 20ms);
}

TEST(Rate, GivesEqualGapsTheirLengthAtEachMoment) {
  const RatePtr bursts = burst(constant(100), 1s, constant(2), 3s);
  EXPECT_EQ(per_second({ArrivalProcess::uniform, bursts, 1}, 6),
            (std::vector<int>{100, 2, 2, 100, 2, 2}));
}

// Each second's count is Poisson of its own mean, λ, and differs from it by √λ: χ² of 100 such,
// which exceeds 149.4 once in a thousand seeds.
TEST(Rate, GivesPoissonArrivalsItsMeanAtEachMoment) {
  const RatePtr rate = step(ramp(20, 400, 40s), 40s, burst(constant(300), 2s, constant(30), 5s));
  const std::vector<int> counts = per_second({ArrivalProcess::poisson, rate, 9}, 100);
  double chi_squared = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto from = static_cast<double>(i) * 1e9;
    const double expected = rate->arrivals_by(from + 1e9) - rate->arrivals_by(from);
    chi_squared += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  EXPECT_LT(chi_squared, 149.4);
}

TEST(Rate, RefusesWhatCannotBe) {
  for (const double per_s : {0.0, -1.0, 0.0009, 1e7, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(constant(per_s), std::invalid_argument) << per_s;
    EXPECT_THROW(ramp(1, per_s, 1s), std::invalid_argument) << per_s;
  }
  EXPECT_THROW(ramp(-1, 5, 1s), std::invalid_argument);
  EXPECT_THROW(ramp(1, 5, 0s), std::invalid_argument);
  EXPECT_THROW(step(constant(1), 0s, constant(2)), std::invalid_argument);
  EXPECT_THROW(start_at(-1s, constant(1)), std::invalid_argument);
  EXPECT_THROW(repeat(start_at(5s, constant(1)), 5s), std::invalid_argument);
  EXPECT_THROW(burst(constant(2), 5s, constant(1), 5s), std::invalid_argument);
}

}  // namespace
}  // namespace enxame::load
