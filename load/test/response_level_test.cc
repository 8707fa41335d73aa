#include "load/response_level.h"

#include <gtest/gtest.h>

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

/// Responses that follow each other without a pause.
class Load {
 public:
  explicit Load(ResponseLevel& level) : level_(level) {}

  void respond(Duration response, int times) {
    for (int i = 0; i < times; ++i) {
      now_ += response;
      level_.record(response, now_);
    }
  }

  /// Responses of 0.9 and 1.1 ms, and so on, about that one.
  void respond_noisily(Duration response, int times) {
    for (int i = 0; i < times; ++i) respond(response + (i % 2 == 0 ? -1 : 1) * response / 10, 1);
  }

 private:
  ResponseLevel& level_;
  Clock::time_point now_{};
};

constexpr BlockSize kBlock{.time = 100ms, .tasks = 1};

TEST(ResponseLevel, SettlesAfterTwoSpansOfBlocks) {
  ResponseLevel level(kBlock, 5);
  Load load(level);
  load.respond(1ms, 999);
  EXPECT_FALSE(level.settled());
  load.respond(1ms, 1);
  EXPECT_TRUE(level.settled());
}

// The case of rpc-tcp: 0.02 ms while client and worker share a core, 0.08 ms once they do not.
TEST(ResponseLevel, DoesNotSettleWhileResponsesBecomeSlower) {
  ResponseLevel level(kBlock, 5);
  Load load(level);
  load.respond_noisily(20us, 5 * 5'000);
  load.respond_noisily(80us, 5 * 1'250);
  EXPECT_FALSE(level.settled());
  load.respond_noisily(80us, 5 * 1'250);
  EXPECT_TRUE(level.settled());
}

TEST(ResponseLevel, DoesNotSettleWhileResponsesBecomeFaster) {
  ResponseLevel level(kBlock, 5);
  Load load(level);
  load.respond_noisily(40ms, 20);
  load.respond_noisily(10ms, 60);
  EXPECT_FALSE(level.settled());
  load.respond_noisily(10ms, 60);
  EXPECT_TRUE(level.settled());
}

TEST(ResponseLevel, TakesADifferenceBelowTenPercentForNone) {
  ResponseLevel level(kBlock, 5);
  Load load(level);
  load.respond(1000us, 500);
  load.respond(1090us, 500);
  EXPECT_TRUE(level.settled());
}

// Blocks that scatter by more than their levels differ say nothing about the levels.
TEST(ResponseLevel, TakesWhatRanksCannotTellApartForNoDifference) {
  ResponseLevel level({.time = 0ms, .tasks = 1}, 5);
  Load load(level);
  for (const auto ms : {10ms, 30ms, 12ms, 28ms, 11ms, 29ms, 13ms, 27ms, 31ms, 9ms}) {
    load.respond(ms, 1);
  }
  EXPECT_TRUE(level.settled());
}

TEST(ResponseLevel, HasBlocksOfAsManyTasksAsAsked) {
  ResponseLevel level({.time = 0ms, .tasks = 4}, 1);
  Load load(level);
  load.respond(1s, 7);
  EXPECT_FALSE(level.settled());
  load.respond(1s, 1);
  EXPECT_TRUE(level.settled());
}

TEST(ResponseLevel, IsLeftAgainWhenResponsesChange) {
  ResponseLevel level(kBlock, 5);
  Load load(level);
  load.respond_noisily(1ms, 1'100);
  ASSERT_TRUE(level.settled());
  load.respond_noisily(2ms, 250);
  EXPECT_FALSE(level.settled());
}

}  // namespace
}  // namespace enxame::load
