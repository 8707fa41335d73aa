#include "matmul/timing/clock_offset.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>

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

/// A task that was away for 10 ms: there, a wait of 1 ms, 5 ms of work, and back.
constexpr Duration kSent = 2s;
constexpr Duration kAnswered = kSent + 10ms;
WorkerPhases worked_away(Duration offset, Duration there) {
  return {1ms, 3ms, 1ms, kSent + there + offset, kSent + there + 6ms + offset};
}

TEST(TimeAwayTest, IsTakenApartWhateverTheWorkersClockShows) {
  for (const Duration offset : {-1s, 0s, 86'400s}) {
    ClockOffset clock;
    clock.observe(exchange(1s, offset, 10us, 1ms, 10us));
    const TimeAway away = time_away(kSent, kAnswered, worked_away(offset, 3ms), clock);
    EXPECT_EQ(away.dispatch, 3ms);
    EXPECT_EQ(away.waited, 1ms);
    EXPECT_EQ(away.return_trip, 1ms);
    EXPECT_EQ(away.clock_error, 10us);
  }
}

TEST(TimeAwayTest, NarrowsTheOffset) {
  ClockOffset clock;
  EXPECT_EQ(time_away(kSent, kAnswered, worked_away(5s, 10us), clock).clock_error, 2ms);
  EXPECT_EQ(time_away(kSent, kAnswered, worked_away(5s, 3'990us), clock).clock_error, 10us);
}

TEST(TimeAwayTest, OfAWorkerThatDoesNotSayIsSplitEvenlyAndSaysSo) {
  ClockOffset clock;
  const TimeAway away = time_away(kSent, kAnswered, {1ms, 3ms, 1ms}, clock);
  EXPECT_EQ(away.dispatch, 2'500us);
  EXPECT_EQ(away.waited, 0ms);
  EXPECT_EQ(away.return_trip, 2'500us);
  EXPECT_EQ(away.clock_error, 2'500us);
}

TEST(TimeAwayTest, BelievesNoWorkerWhatCannotBe) {
  ClockOffset clock;
  const WorkerPhases backwards{1ms, 3ms, 1ms, 9s, 8s};
  const WorkerPhases too_long{1ms, 3ms, 1ms, 8s, 9s};
  const WorkerPhases never{1ms, 3ms, 1ms, Duration::max() - 1ms, Duration::max()};
  const WorkerPhases busier_than_away{1ms, 3ms, 1ms, 8s, 8s + 4ms};
  for (const WorkerPhases& worker : {backwards, too_long, never, busier_than_away}) {
    EXPECT_EQ(time_away(kSent, kAnswered, worker, clock).clock_error, 2'500us);
  }
  const WorkerPhases boast{Duration::max(), Duration::max(), Duration::max()};
  const TimeAway away = time_away(kSent, kAnswered, boast, clock);
  EXPECT_EQ(away.dispatch + away.waited + away.return_trip + away.clock_error, 0ms);
}

TEST(TimeAwayTest, CutsOffWhatAWorkerClaimsBeyondTheTimeItWasGiven) {
  ClockOffset clock;
  const auto believed = [&](const WorkerPhases& worker) {
    return time_away(kSent, kAnswered, worker, clock).worker;
  };
  const WorkerPhases boast = believed({10 * 365 * 24h, 3ms, 1ms});
  EXPECT_EQ(boast.decode, 10ms);
  EXPECT_EQ(boast.compute + boast.encode, 0ms);
  const WorkerPhases late = believed({1ms, 8ms, 4ms});
  EXPECT_EQ(late.decode, 1ms);
  EXPECT_EQ(late.compute, 8ms);
  EXPECT_EQ(late.encode, 1ms);
  const TimeAway honest = time_away(kSent, kAnswered, worked_away(0s, 3ms), clock);
  EXPECT_EQ(honest.worker.total(), 5ms);
  EXPECT_EQ(honest.dispatch + honest.waited + honest.worker.total() + honest.return_trip, 10ms);
}

// No estimate can know how the shortest way there and the shortest way back differ: half of that is
// its bias, and its error covers just that.
TEST(ClockOffsetTest, IsOffByHalfOfWhatTheShortestWaysDiffer) {
  std::mt19937 random(1);
  std::exponential_distribution<double> delay_us(1.0 / 30);
  const auto way = [&](Duration shortest) {
    return shortest + std::chrono::nanoseconds(static_cast<std::int64_t>(1e3 * delay_us(random)));
  };
  ClockOffset clock;
  ClockOffset::Estimate estimate{};
  for (int i = 0; i < 10'000; ++i) {
    estimate = clock.observe(exchange(i * 1s, 5s, way(90us), 1ms, way(10us)));
    ASSERT_LE(std::chrono::abs(estimate.offset - 5s), estimate.error);
  }
  EXPECT_NEAR(static_cast<double>((estimate.offset - 5s).count()), 40e3, 1e3);
  EXPECT_NEAR(static_cast<double>(estimate.error.count()), 50e3, 1e3);
}

}  // namespace
}  // namespace enxame
