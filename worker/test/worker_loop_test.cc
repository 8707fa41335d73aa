#include "worker/worker_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "matmul/codec/binary_codec.h"
#include "worker/test/fake_host.h"

namespace enxame::worker {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// A loop that has just been started with the URL parameters `query`.
class WorkerLoopTest : public ::testing::Test {
 protected:
  WorkerLoop& start(std::string_view query) {
    const bool polls = query.find("dispatch=") != std::string_view::npos;
    const std::string asks = polls ? "" : "dispatch=long-poll&";
    loop_ =
        std::make_unique<WorkerLoop>(parse_worker_options(asks + std::string(query), "w 1"), host_);
    loop_->start();
    return *loop_;
  }
  const WorkerStatus& status() const { return loop_->status(); }

  FakeHost host_;
  std::unique_ptr<WorkerLoop> loop_;
};

TEST_F(WorkerLoopTest, AsksComputesReturnsAndAsksAgain) {
  start("");
  EXPECT_EQ(host_.request().line(), "GET /task/next?workerId=w%201&wait=25000");
  EXPECT_EQ(host_.request().header("Accept"), "application/json");
  EXPECT_EQ(host_.request().timeout, milliseconds(35'000));
  EXPECT_EQ(status().state, WorkerState::asking);

  host_.answer(200, kTask);
  EXPECT_EQ(host_.request().line(), "POST /task/7/result?workerId=w%201&next=1&wait=25000");
  EXPECT_EQ(host_.request().body, R"({"result":"[[19,22],[43,50]]"})");
  EXPECT_EQ(host_.request().header("Content-Type"), "application/json");
  EXPECT_EQ(host_.request().header("Accept"), "application/json");
  EXPECT_EQ(host_.request().header("Prefer"), "return=minimal");
  EXPECT_EQ(host_.request().timeout, milliseconds(85'000));
  EXPECT_EQ(status().state, WorkerState::asking);
  EXPECT_EQ(status().completed, 0U);

  host_.answer(200, R"({"taskId":7,"status":"completed"})");
  EXPECT_EQ(status().completed, 1U);
  EXPECT_EQ(status().state, WorkerState::asking);
  EXPECT_EQ(host_.request().line(), "GET /task/next?workerId=w%201&wait=25000");
  EXPECT_EQ(host_.open(), 1U);
  EXPECT_THAT(host_.timers(), IsEmpty());
}

TEST_F(WorkerLoopTest, ComputesTheTaskThatComesWithTheAnswerToTheLast) {
  start("");
  host_.answer(200, kTask);
  host_.answer(200, R"({"taskId":8,"data":{"A":"[[2]]","B":"[[3]]"}})",
               {{"content-type", "application/json"}, {"enxame-task", "8"}});
  EXPECT_EQ(status().completed, 1U);
  EXPECT_EQ(host_.request().line(), "POST /task/8/result?workerId=w%201&next=1&wait=25000");
  EXPECT_EQ(host_.request().body, R"({"result":"[[6]]"})");
  EXPECT_EQ(host_.open(), 1U);
}

TEST_F(WorkerLoopTest, AsksAgainWhenNoTaskCameWithTheAnswerToTheLast) {
  start("wait=1000");
  host_.answer(200, kTask);
  host_.advance(milliseconds(1000));
  host_.answer(204);
  EXPECT_EQ(status().completed, 1U);
  EXPECT_EQ(host_.request().method, "GET");
  EXPECT_THAT(host_.timers(), IsEmpty());
}

TEST_F(WorkerLoopTest, HoldsATaskForTheServiceTime) {
  start("dispatch=poll&serviceTime=100");
  host_.answer(200, kTask);
  EXPECT_EQ(status().state, WorkerState::computing);
  EXPECT_EQ(host_.open(), 0U);
  EXPECT_THAT(host_.timers(), ElementsAre(100));
  host_.advance(milliseconds(100));
  EXPECT_EQ(host_.request().body, R"({"result":"[[19,22],[43,50]]"})");
  const WorkerPhases phases = parse_worker_phases(host_.request().header("Enxame-Timing"));
  EXPECT_EQ(phases.compute, milliseconds(100));
  EXPECT_EQ(phases.decode, Duration::zero());
}

TEST_F(WorkerLoopTest, HoldsATaskOnlyForWhatIsLeftOfTheServiceTime) {
  start("serviceTime=10");
  host_.tick = milliseconds(4);  // the kernel takes one tick
  host_.answer(200, kTask);
  EXPECT_THAT(host_.timers(), ElementsAre(6));
  FakeHost slow;
  WorkerLoop loop(parse_worker_options("dispatch=long-poll&serviceTime=10", "w"), slow);
  loop.start();
  slow.tick = milliseconds(40);
  slow.answer(200, kTask);
  EXPECT_THAT(slow.timers(), IsEmpty());
  EXPECT_EQ(slow.request().method, "POST");
}

TEST_F(WorkerLoopTest, DoesNotHoldWhatItCannotCompute) {
  start("serviceTime=1000");
  host_.answer(200, R"({"taskId":7,"data":{"A":"[[1,2]]","B":"[[1,2]]"}})");
  EXPECT_THAT(host_.request().body, HasSubstr("{\"refused\":\""));
  EXPECT_THAT(host_.timers(), IsEmpty());
}

TEST_F(WorkerLoopTest, SpeaksBinary) {
  start("codec=binary");
  EXPECT_EQ(host_.request().header("Accept"), "application/octet-stream");
  std::string frames;
  append_frame(Matrix{{1, 2}}, frames);
  append_frame(Matrix{{3}, {4}}, frames);
  host_.answer(200, frames, {{"content-type", "application/octet-stream"}, {"enxame-task", "9"}});
  EXPECT_EQ(host_.request().line(),
            "POST /task/9/result?workerId=w%201&operands=digest&next=1&wait=25000");
  EXPECT_EQ(host_.request().header("Content-Type"), "application/octet-stream");
  EXPECT_EQ(host_.request().header("Accept"), "application/octet-stream");
  EXPECT_EQ(decode_frame<double>(host_.request().body), (Matrix{{11}}));
}

TEST_F(WorkerLoopTest, ReportsItsOwnPhases) {
  start("");
  host_.tick = milliseconds(2);
  host_.answer(200, kTask);
  const WorkerPhases phases = parse_worker_phases(host_.request().header("Enxame-Timing"));
  EXPECT_EQ(phases.decode, milliseconds(2));
  EXPECT_EQ(phases.compute, milliseconds(2));
  EXPECT_EQ(phases.encode, milliseconds(2));
  ASSERT_TRUE(status().last);
  EXPECT_DOUBLE_EQ(status().last->gflops().value(), 16 / 2e6);
}

TEST_F(WorkerLoopTest, SaysWhenTheTaskCameAndWhenItsProductLeft) {
  start("");
  host_.advance(milliseconds(300));
  const Duration came = host_.now();
  host_.tick = milliseconds(2);
  host_.answer(200, kTask);
  const Duration left = host_.now();
  const WorkerPhases phases = parse_worker_phases(host_.request().header("Enxame-Timing"));
  EXPECT_EQ(phases.received_at, came + host_.tick) << "the first look at the clock";
  EXPECT_EQ(phases.sent_at, left - host_.tick) << "the last one";
  EXPECT_GE(phases.sent_at - phases.received_at, phases.total());
}

TEST_F(WorkerLoopTest, SaysAnewWhenItsProductLeftWhereItIsReturnedOnceMore) {
  start("");
  host_.answer(200, kTask);
  const WorkerPhases first = parse_worker_phases(host_.request().header("Enxame-Timing"));
  host_.no_answer();
  host_.advance(milliseconds(5'000));
  const WorkerPhases again = parse_worker_phases(host_.request().header("Enxame-Timing"));
  EXPECT_EQ(again.received_at, first.received_at);
  EXPECT_EQ(again.sent_at, first.sent_at + milliseconds(5'000));
}

TEST_F(WorkerLoopTest, UsesTheKernelThatItWasTold) {
  for (const char* kernel : {"origin", "naive", "blocked", "simd"}) {
    FakeHost host;
    WorkerLoop loop(parse_worker_options(std::string("codec=json&kernel=") + kernel, "w"), host);
    loop.start();
    host.answer(200, kTask);
    EXPECT_EQ(host.request().body, R"({"result":"[[19,22],[43,50]]"})") << kernel;
  }
}

TEST_F(WorkerLoopTest, AsksAgainAtOnceWhenALongPollEndsWithoutTask) {
  start("wait=1000");
  host_.advance(milliseconds(1000));
  host_.answer(204);
  EXPECT_EQ(status().state, WorkerState::asking);
  EXPECT_EQ(host_.open(), 1U);
  EXPECT_EQ(status().errors, 0U);
}

TEST_F(WorkerLoopTest, DoesNotHammerACoordinatorThatDoesNotWait) {
  start("wait=1000");
  host_.advance(milliseconds(3));
  host_.answer(204);
  EXPECT_EQ(status().state, WorkerState::waiting);
  EXPECT_THAT(host_.timers(), ElementsAre(250));
  host_.advance(milliseconds(250));
  EXPECT_EQ(host_.open(), 1U);
}

TEST_F(WorkerLoopTest, PollsAtItsIntervalFromStartToStart) {
  start("dispatch=poll&interval=500");
  EXPECT_EQ(host_.request().line(), "GET /task/next?workerId=w%201");
  host_.advance(milliseconds(20));
  host_.answer(204);
  EXPECT_EQ(status().state, WorkerState::waiting);
  EXPECT_THAT(host_.timers(), ElementsAre(480));
  EXPECT_EQ(host_.open(), 0U);
  host_.advance(milliseconds(479));
  EXPECT_EQ(host_.open(), 0U);
  host_.advance(milliseconds(1));
  EXPECT_EQ(host_.open(), 1U);
}

TEST_F(WorkerLoopTest, PollsAtItsIntervalAfterATaskAsWell) {
  start("dispatch=poll&interval=500");
  host_.answer(200, kTask);
  EXPECT_EQ(host_.request().line(), "POST /task/7/result?workerId=w%201");
  EXPECT_EQ(status().state, WorkerState::returning);
  host_.advance(milliseconds(100));
  host_.answer(200);
  EXPECT_THAT(host_.timers(), ElementsAre(400));
}

TEST_F(WorkerLoopTest, PollsAtOnceAfterATaskThatTookLongerThanTheInterval) {
  start("dispatch=poll&interval=500");
  host_.answer(200, kTask);
  host_.advance(milliseconds(700));
  host_.answer(200);
  EXPECT_EQ(host_.request().method, "GET");
  EXPECT_THAT(host_.timers(), IsEmpty());
}

TEST_F(WorkerLoopTest, ReturnsAnErrorForATaskThatItCannotRead) {
  start("");
  host_.answer(200, R"({"taskId":7,"data":{"A":"[[1,2],[3]]","B":"[[1]]"}})");
  EXPECT_THAT(host_.request().line(), StartsWith("POST /task/7/result?workerId=w%201&"));
  EXPECT_THAT(host_.request().body, HasSubstr(R"({"error":"A: )"));
  EXPECT_EQ(host_.request().header("Enxame-Timing"), "");
  host_.answer(200);
  EXPECT_EQ(status().refused, 1U);
  EXPECT_EQ(status().completed, 0U);
  EXPECT_THAT(status().last_error, HasSubstr("cannot compute task 7"));
  EXPECT_EQ(status().state, WorkerState::asking);
}

TEST_F(WorkerLoopTest, RefusesShapesThatDoNotMultiply) {
  start("");
  host_.answer(200, R"({"taskId":7,"data":{"A":"[[1,2]]","B":"[[1,2]]"}})");
  EXPECT_THAT(host_.request().body, HasSubstr("{\"refused\":\""));
  EXPECT_THAT(host_.request().body, HasSubstr("1 × 2"));
}

TEST_F(WorkerLoopTest, RefusesATaskWhoseProductJsonCannotCarry) {
  start("");
  host_.answer(200, R"({"taskId":7,"data":{"A":"[[1e200]]","B":"[[1e200]]"}})");
  EXPECT_THAT(host_.request().body, HasSubstr("{\"refused\":\""));
  EXPECT_FALSE(status().last);
}

TEST_F(WorkerLoopTest, ReturnsErrorsAsJsonEvenWhenItSpeaksBinary) {
  start("codec=binary");
  host_.answer(200, "cut short",
               {{"content-type", "application/octet-stream"}, {"enxame-task", "9"}});
  EXPECT_EQ(host_.request().header("Content-Type"), "application/json");
  EXPECT_THAT(host_.request().body, HasSubstr(R"({"error":"A: )"));
}

TEST_F(WorkerLoopTest, TellsThePageOfEveryTransition) {
  start("");
  const int asking = host_.changes;
  EXPECT_EQ(asking, 1);
  host_.answer(200, kTask);
  EXPECT_GE(host_.changes, asking + 2);  // computing, asking with the product
}

}  // namespace
}  // namespace enxame::worker
