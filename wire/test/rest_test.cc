#include "wire/rest.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace enxame::wire::rest {
namespace {

using namespace std::chrono_literals;

TEST(RestTest, AProductsTimingIsReadAsItWasWritten) {
  ProductTiming timing;
  timing.phases.queue = 1us;
  timing.phases.dispatch = 2us;
  timing.phases.worker = {.decode = 3us, .compute = 4us, .encode = 5us};
  timing.phases.return_trip = 6us;
  timing.phases.clock_error = 7us;
  timing.collect = 8us;
  timing.accepted_at = 9us;
  timing.asked_at = 10us;
  timing.finished_at = 11us;
  const std::string header = to_header(timing);
  EXPECT_EQ(header,
            "queue;dur=0.001, dispatch;dur=0.002, decode;dur=0.003, compute;dur=0.004, "
            "encode;dur=0.005, return;dur=0.006, collect;dur=0.008, clock-error;dur=0.007, "
            "accepted;dur=0.009, asked;dur=0.01, finished;dur=0.011");
  EXPECT_EQ(to_header(parse_product_timing(header)), header);
}

TEST(RestTest, ATimingThatIsMissingIsZeroAndAMalformedOneAnError) {
  EXPECT_EQ(parse_product_timing("").accepted_at, Duration::zero());
  EXPECT_EQ(parse_product_timing("queue;dur=1").phases.queue, 1ms);
  EXPECT_THROW(parse_product_timing("queue;dur=-1"), std::invalid_argument);
}

TEST(RestTest, WorkersHaveNamesThatFitAHeaderAndALine) {
  EXPECT_TRUE(is_worker_id("w1"));
  EXPECT_TRUE(is_worker_id(std::string(kMaxWorkerIdBytes, 'w')));
  EXPECT_FALSE(is_worker_id(std::string(kMaxWorkerIdBytes + 1, 'w')));
  for (const char* const id : {"", "a b", "a\tb", "é", "a\n", "\x7f"}) {
    EXPECT_FALSE(is_worker_id(id)) << id;
  }
}

}  // namespace
}  // namespace enxame::wire::rest
