#include "worker/worker_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace enxame::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

WorkerOptions options() { return parse_worker_options("workerId=w1", ""); }

TEST(Multiplication, CountsTwoOperationsPerInnerStep) {
  Multiplication done{.task = 1, .a = {100, 200}, .b = {200, 50}, .phases = {}};
  EXPECT_FALSE(done.gflops());
  done.phases.compute = milliseconds(1);
  EXPECT_DOUBLE_EQ(done.gflops().value(), 2.0);
}

TEST(WorkerStatus, ShowsOnlyWhatIsKnown) {
  WorkerStatus status;
  status.message = "asking \"politely\"";
  EXPECT_EQ(
      to_view(options(), status, seconds(1)),
      R"({"worker-id":"w1","settings":"push, codec binary, kernel simd","dispatch":"push",)"
      R"("kernel":"simd","state":"asking","message":"asking \"politely\"","completed":"0","refused":"0",)"
      R"("errors":"0","last-error":"none","coordinator":"unknown",)"
      R"("coordinator-now":"not reached yet"})");
}

TEST(WorkerStatus, SaysWhetherTheCoordinatorServes) {
  WorkerStatus status;
  status.absence = Absence{.began = seconds(10), .ended = {}};
  EXPECT_THAT(to_view(options(), status, seconds(22)),
              HasSubstr(R"("coordinator":"unknown","coordinator-now":"is asked again, after it )"
                        R"(has not served for 12 s")"));
  status.state = WorkerState::waiting;
  EXPECT_THAT(to_view(options(), status, seconds(22)),
              HasSubstr(R"("coordinator":"away","coordinator-now":"has not served for 12 s")"));
  status.contact = seconds(30);
  status.absence->ended = seconds(30);
  EXPECT_THAT(
      to_view(options(), status, seconds(31)),
      HasSubstr(R"("coordinator":"reachable","coordinator-now":"serves again, after 20 s in )"
                R"(which it did not")"));
  status.absence.reset();
  EXPECT_THAT(to_view(options(), status, seconds(31)), HasSubstr(R"("coordinator-now":"serves")"));
}

TEST(WorkerStatus, ShowsTheLastMultiplicationAndContact) {
  WorkerStatus status;
  status.state = WorkerState::returning;
  status.last = Multiplication{7, {100, 200}, {200, 50}, {milliseconds(3), milliseconds(1), {}}};
  status.contact = seconds(1);
  const std::string view = to_view(options(), status, seconds(3));
  EXPECT_THAT(view, HasSubstr(R"("last-task":"7","last-shapes":"100 × 200 times 200 × 50")"));
  EXPECT_THAT(view,
              HasSubstr(R"("gflops":"2.00","decode":"3 ms","compute":"1 ms","encode":"0 ms")"));
  EXPECT_THAT(view, HasSubstr(R"("contactAgeMs":2000)"));
  status.last->phases.compute = {};
  EXPECT_THAT(to_view(options(), status, seconds(3)), HasSubstr("too short to tell"));
}

}  // namespace
}  // namespace enxame::worker
