#include "metrics/phase_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/exposition.h"
#include "metrics/test/page.h"

namespace enxame::metrics {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

TEST(PhaseMetrics, HasTheNamedPhasesFromTheStartAndNoOthers) {
  Exposition exposition;
  PhaseMetrics metrics(exposition.registry(), {Phase::queue, Phase::compute});
  metrics.observe(Phase::collect, milliseconds(1));
  const std::string page = exposition.answer().body;
  EXPECT_EQ(value_of(page, "enxame_task_phase_seconds_count{phase=\"queue\"}"), 0);
  EXPECT_EQ(value_of(page, "enxame_task_phase_seconds_count{phase=\"compute\"}"), 0);
  EXPECT_THAT(page, Not(HasSubstr("collect")));
}

TEST(PhaseMetrics, AddsUpInSeconds) {
  Exposition exposition;
  PhaseMetrics metrics(exposition.registry(), {Phase::return_trip, Phase::decode, Phase::encode});
  metrics.observe({.decode = milliseconds(250), .encode = milliseconds(500)});
  metrics.observe({.decode = milliseconds(250), .encode = milliseconds(500)});
  metrics.observe(Phase::return_trip, milliseconds(-1));
  const std::string page = exposition.answer().body;
  EXPECT_EQ(value_of(page, "enxame_task_phase_seconds_sum{phase=\"decode\"}"), 0.5);
  EXPECT_EQ(value_of(page, "enxame_task_phase_seconds_sum{phase=\"encode\"}"), 1);
  EXPECT_EQ(value_of(page, "enxame_task_phase_seconds_sum{phase=\"return\"}"), 0);
}

}  // namespace
}  // namespace enxame::metrics
