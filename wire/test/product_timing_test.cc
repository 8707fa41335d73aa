#include "wire/product_timing.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace enxame::wire::rest {
namespace {

using namespace std::chrono_literals;

TEST(ProductTimingTest, AProductsTimingIsReadAsItWasWritten) {
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

TEST(ProductTimingTest, ATimingThatIsMissingIsZeroAndAMalformedOneAnError) {
  EXPECT_EQ(parse_product_timing("").accepted_at, Duration::zero());
  EXPECT_EQ(parse_product_timing("queue;dur=1").phases.queue, 1ms);
  EXPECT_THROW(parse_product_timing("queue;dur=-1"), std::invalid_argument);
}

/// A server whose clock is an hour ahead: the request took 10 ms to it, the answer 2 ms back.
ProductTiming timing_of_a_server() {
  ProductTiming timing;
  timing.phases.queue = 1ms;
  timing.phases.dispatch = 2ms;
  timing.phases.worker = {.decode = 3ms, .compute = 50ms, .encode = 4ms};
  timing.phases.return_trip = 5ms;
  timing.asked_at = 1h + 112ms;
  timing.accepted_at = timing.asked_at + 3ms;
  timing.finished_at = timing.accepted_at + 65ms;
  timing.collect = 6ms;
  return timing;
}

// Two of them would be more nanoseconds than a Duration holds.
TEST(ProductTimingTest, RefusesWhatCannotBeAddedUp) {
  for (const char* const header :
       {"accepted;dur=1, finished;dur=9.2e12, collect;dur=9.2e12", "queue;dur=4e11"}) {
    try {
      parse_product_timing(header);
      FAIL() << header;
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find("expected at most ten years"), std::string::npos)
          << error.what();
    }
  }
  EXPECT_EQ(parse_product_timing("finished;dur=3e11").finished_at,
            Duration{300'000'000'000'000'000});
}

TEST(ProductTimingTest, AClientsPhasesAddUpToTheTimeThatItWaited) {
  ClockOffset clock;
  const ClientTimes times{
      .called_at = 100ms, .sent_at = 102ms, .answered_at = 188ms, .done_at = 190ms};
  const Phases phases = client_phases(timing_of_a_server(), times, clock);
  EXPECT_EQ(phases.total(), times.done_at - times.called_at);
  EXPECT_EQ(phases.queue, 1ms);
  EXPECT_EQ(phases.return_trip, 5ms);
  // The offset lies between 1 h − 2 ms and 1 h + 10 ms: its middle is 4 ms too much.
  EXPECT_EQ(phases.clock_error, 6ms);
  EXPECT_EQ(phases.submit, 15ms - 4ms);
  EXPECT_EQ(phases.collect, 10ms + 4ms);
}

TEST(ProductTimingTest, ALaterExchangeUsesWhatIsKnownOfTheClocks) {
  ClockOffset clock;
  clock.observe({.sent = 10ms, .received = 1h + 10ms, .replied = 1h + 10ms, .answered = 10ms});
  const ClientTimes times{
      .called_at = 100ms, .sent_at = 102ms, .answered_at = 188ms, .done_at = 190ms};
  const Phases phases = client_phases(timing_of_a_server(), times, clock);
  EXPECT_EQ(phases.clock_error, 0ms);
  EXPECT_EQ(phases.submit, 15ms);
  EXPECT_EQ(phases.collect, 10ms);
}

TEST(ProductTimingTest, TheLargerErrorIsThatOfThePhases) {
  ClockOffset clock;
  ProductTiming timing = timing_of_a_server();
  timing.phases.clock_error = 7ms;
  EXPECT_EQ(client_phases(timing, {100ms, 102ms, 188ms, 190ms}, clock).clock_error, 7ms);
}

}  // namespace
}  // namespace enxame::wire::rest
