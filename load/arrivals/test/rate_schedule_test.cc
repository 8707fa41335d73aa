#include "load/arrivals/rate_schedule.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

/// Arrivals that are expected between two times of a schedule at 100/s, over a window of 10 s that
/// opens after 1 s.
double between(const std::string& text, Duration from, Duration to) {
  const RatePtr rate = RateSchedule::parse(text).over(100, 1s, 10s);
  const auto by = [&](Duration time) {
    return rate->arrivals_by(static_cast<double>(time.count()));
  };
  return by(to) - by(from);
}

TEST(RateSchedule, IsTheRateItselfUnlessItSaysMore) {
  EXPECT_FALSE(RateSchedule::parse("constant").varies());
  EXPECT_NEAR(between("constant", 0s, 1s), 100, 1e-6);
  EXPECT_NEAR(between("constant", 5s, 15s), 1000, 1e-6);
}

TEST(RateSchedule, RampsOverTheWindowAndStaysThere) {
  EXPECT_TRUE(RateSchedule::parse("ramp:0.5:1.5").varies());
  EXPECT_NEAR(between("ramp:0.5:1.5", 0s, 1s), 50, 1e-6);
  EXPECT_NEAR(between("ramp:0.5:1.5", 1s, 6s), 375, 1e-6);
  EXPECT_NEAR(between("ramp:0.5:1.5", 1s, 11s), 1000, 1e-6);
  EXPECT_NEAR(between("ramp:0.5:1.5", 11s, 12s), 150, 1e-6);
  EXPECT_NEAR(between("ramp:0:2", 0s, 1s), 0, 1e-6);
  EXPECT_NEAR(between("ramp:0:2", 1s, 11s), 1000, 1e-6);
}

TEST(RateSchedule, StepsThroughTheWindowInEqualParts) {
  EXPECT_NEAR(between("step:1,2,4,8", 0s, 1s), 100, 1e-6);
  EXPECT_NEAR(between("step:1,2,4,8", 1s, 3500ms), 250, 1e-6);
  EXPECT_NEAR(between("step:1,2,4,8", 3500ms, 6s), 500, 1e-6);
  EXPECT_NEAR(between("step:1,2,4,8", 8500ms, 13s), 8 * 450, 1e-6);
  EXPECT_NEAR(between("step:3", 0s, 13s), 3900, 1e-6);
}

TEST(RateSchedule, BurstsAtTheEndOfEachPeriodForEver) {
  EXPECT_NEAR(between("burst:0.5:3:5:1", 0s, 5s), 250, 1e-6);
  EXPECT_NEAR(between("burst:0.5:3:5:1", 5s, 6s), 300, 1e-6);
  EXPECT_NEAR(between("burst:0.5:3:5:1", 6s, 10s), 200, 1e-6);
  EXPECT_NEAR(between("burst:0.5:3:5:1", 15s, 16s), 300, 1e-6);
}

TEST(RateSchedule, ThatCannotBeReadIsQuoted) {
  for (const std::string text :
       {"", "ramp", "ramp:1", "ramp:1:0", "ramp:-1:2", "ramp:1:2:3", "ramp:a:b",
        "step:", "step:1,,2", "step:0,1", "step:1:2", "burst:1:2:3", "burst:1:2:3:3",
        "burst:0:2:3:1", "burst:1:2:inf:1", "constant:1", "sine:1:2"}) {
    try {
      RateSchedule::parse(text);
      ADD_FAILURE() << text << " was accepted";
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(std::string(error.what()).find("\"" + text + "\" is not a valid schedule"), 0u);
    }
  }
}

TEST(RateSchedule, OfARateThatIsTooLowIsRefused) {
  EXPECT_THROW(RateSchedule::parse("step:0.001,1").over(0.5, 0s, 10s), std::invalid_argument);
}

}  // namespace
}  // namespace enxame::load
