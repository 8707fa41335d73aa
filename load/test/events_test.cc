#include "load/events.h"

#include <gtest/gtest.h>
#include <time.h>

#include <nlohmann/json.hpp>

namespace enxame::load {
namespace {

nlohmann::json event_of(const Progress& progress) {
  ::testing::internal::CaptureStdout();
  emit(progress);
  return nlohmann::json::parse(::testing::internal::GetCapturedStdout());
}

double monotonic_s() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Other processes of the machine read the same clock.
TEST(Events, SayOnTheMonotonicClockWhenTheWindowOpens) {
  const double before = monotonic_s();
  const Clock::time_point now = Clock::now();
  const double after = monotonic_s();
  const auto event = event_of({.stage = Stage::warm_up,
                               .elapsed = {},
                               .samples = 0,
                               .response_total = {},
                               .steady_workers = 1,
                               .window = Window{now, now + std::chrono::seconds(3)}});
  EXPECT_EQ(event.at("event"), "window-start");
  const double opens = event.at("opens_monotonic_s");
  EXPECT_GE(opens, before - 1e-6);
  EXPECT_LE(opens, after + 1e-6);
  EXPECT_NEAR(event.at("closes_monotonic_s"), opens + 3, 1e-6);
}

}  // namespace
}  // namespace enxame::load
