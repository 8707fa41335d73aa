#include "matmul/clock_offset.h"

#include <gtest/gtest.h>

#include <chrono>

namespace enxame {
namespace {

using namespace std::chrono_literals;

/// An exchange with a peer whose clock is `offset` ahead: `there` to it, `work` at it, `back`.
ClockOffset::Exchange exchange(Duration at, Duration offset, Duration there, Duration work,
                               Duration back) {
  return {at, at + there + offset, at + there + work + offset, at + there + work + back};
}

TEST(ClockOffsetTest, OneExchangeBoundsTheOffsetByItsWays) {
  ClockOffset clock;
  const auto estimate = clock.observe(exchange(1s, 5s, 30us, 1ms, 10us));
  EXPECT_EQ(estimate.error, 20us);
  EXPECT_LE(std::chrono::abs(estimate.offset - 5s), estimate.error);
}

TEST(ClockOffsetTest, EachShortWayNarrowsItsBoundWhateverTheOtherWayTook) {
  ClockOffset clock;
  clock.observe(exchange(1s, -3s, 10us, 0us, 9ms));
  const auto estimate = clock.observe(exchange(2s, -3s, 9ms, 0us, 20us));
  EXPECT_EQ(estimate.error, 15us);
  EXPECT_LE(std::chrono::abs(estimate.offset + 3s), 15us);
}

TEST(ClockOffsetTest, AContradictionBeginsAnew) {
  ClockOffset clock;
  clock.observe(exchange(1s, 0s, 10us, 0us, 10us));
  const auto estimate = clock.observe(exchange(2s, 7s, 10us, 0us, 10us));
  EXPECT_EQ(estimate.offset, 7s);
  EXPECT_EQ(estimate.error, 10us);
}

TEST(ClockOffsetTest, WaysAddUpAndAreNeverNegative) {
  ClockOffset clock;
  clock.observe(exchange(1s, 5s, 10us, 0us, 10us));
  const auto uneven = exchange(2s, 5s, 400us, 1ms, 100us);
  const Ways ways = ways_of(uneven, clock.observe(uneven));
  EXPECT_EQ(ways.dispatch, 400us);
  EXPECT_EQ(ways.return_trip, 100us);
  EXPECT_EQ(ways.error, 10us);

  const Ways late = ways_of(exchange(3s, 5s, 10us, 0us, 0us), {5s - 50us, 50us});
  EXPECT_EQ(late.dispatch + late.return_trip, 10us);
  EXPECT_GE(late.return_trip, 0us);
}

}  // namespace
}  // namespace enxame
