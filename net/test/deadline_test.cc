#include "net/deadline.h"

#include <gtest/gtest.h>

namespace enxame::net {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart{1h};

TEST(Deadline, GivesBytesTheTimeThatTheyNeedAtTheMinimumRate) {
  Deadline deadline({.timeout = 10s, .minimum_rate = 100}, kStart);
  EXPECT_EQ(deadline.at(), kStart + 10s);
  deadline.moved(200, kStart + 9s);
  EXPECT_EQ(deadline.at(), kStart + 12s);
}

TEST(Deadline, IsNeverMoreThanTheTimeoutAway) {
  Deadline deadline({.timeout = 10s, .minimum_rate = 100}, kStart);
  deadline.moved(1'000'000, kStart + 1s);
  EXPECT_EQ(deadline.at(), kStart + 11s);
}

TEST(Deadline, EndsATrickle) {
  Deadline deadline({.timeout = 10s, .minimum_rate = 100}, kStart);
  auto now = kStart;
  while (now < deadline.at()) {
    now += 1s;
    deadline.moved(10, now);
  }
  EXPECT_LE(now, kStart + 12s);
}

TEST(Deadline, KeepsWhatComesAtTheRate) {
  Deadline deadline({.timeout = 10s, .minimum_rate = 100}, kStart);
  auto now = kStart;
  for (int i = 0; i < 1'000; ++i) {
    now += 1s;
    ASSERT_LT(now, deadline.at());
    deadline.moved(100, now);
  }
}

TEST(Deadline, IsNotPutOffWhereItIsFixed) {
  Deadline deadline(kStart);
  deadline.moved(1'000'000, kStart - 1s);
  EXPECT_EQ(deadline.at(), kStart);
}

}  // namespace
}  // namespace enxame::net
