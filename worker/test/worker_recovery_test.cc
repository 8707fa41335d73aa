#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "worker/test/fake_host.h"
#include "worker/worker_loop.h"

namespace enxame::worker {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kProduct = R"({"result":"[[19,22],[43,50]]"})";

/// What a worker does when the coordinator is away, or answers something else than was hoped for.
class WorkerRecoveryTest : public ::testing::Test {
 protected:
  WorkerRecoveryTest() { loop_.start(); }

  /// Fires the only timer, which must run for that long.
  void let_pass(int pause_ms) {
    ASSERT_THAT(host_.timers(), ElementsAre(pause_ms));
    ASSERT_EQ(host_.open(), 0U);
    host_.advance(milliseconds(pause_ms));
  }
  const WorkerStatus& status() const { return loop_.status(); }

  FakeHost host_;
  WorkerLoop loop_{parse_worker_options("dispatch=long-poll", "w1"), host_};
};

TEST_F(WorkerRecoveryTest, AsksEverMoreSlowlyWhileTheCoordinatorIsAway) {
  for (const int pause : {250, 500, 1000, 2000, 4000, 5000, 5000}) {
    host_.no_answer();
    EXPECT_EQ(status().state, WorkerState::waiting);
    let_pass(pause);
    EXPECT_EQ(host_.request().line(), "GET /task/next?workerId=w1&wait=25000");
  }
  EXPECT_EQ(status().errors, 7U);
  EXPECT_THAT(status().last_error, HasSubstr("no answer (Failed to fetch)"));
  EXPECT_FALSE(status().contact);
}

TEST_F(WorkerRecoveryTest, KnowsForHowLongTheCoordinatorHasNotServed) {
  EXPECT_FALSE(status().absence);
  const Duration began = host_.now();
  host_.no_answer();
  let_pass(250);
  host_.answer(503, R"({"error":"draining"})");  // it is there, and does not serve
  ASSERT_TRUE(status().absence);
  EXPECT_EQ(status().absence->began, began);
  EXPECT_FALSE(status().absence->ended);
  let_pass(500);
  host_.answer(200, kTask);
  EXPECT_EQ(status().absence->ended, began + milliseconds(750));
  host_.no_answer();
  EXPECT_EQ(status().absence->began, began + milliseconds(750)) << "another one";
}

TEST_F(WorkerRecoveryTest, SaysWhatIsHappening) {
  host_.no_answer();
  EXPECT_EQ(status().message,
            "asked for a task: no answer (Failed to fetch); trying again in 250 ms (failure 1 in a "
            "row)");
}

TEST_F(WorkerRecoveryTest, StartsBackingOffAnewAfterASuccess) {
  host_.no_answer();
  let_pass(250);
  host_.no_answer();
  let_pass(500);
  host_.answer(200, kTask);
  EXPECT_TRUE(status().contact);
  host_.no_answer();
  let_pass(250);
}

TEST_F(WorkerRecoveryTest, StartsBackingOffAnewAfterAnAnswerWithoutTask) {
  host_.no_answer();
  let_pass(250);
  host_.no_answer();
  let_pass(500);
  host_.advance(milliseconds(25'000));
  host_.answer(204);
  host_.no_answer();
  let_pass(250);
}

TEST_F(WorkerRecoveryTest, StartsBackingOffAnewAfterAProductWasTaken) {
  host_.answer(200, kTask);
  host_.no_answer();
  let_pass(250);
  host_.answer(200);
  host_.no_answer();
  let_pass(250);
}

TEST_F(WorkerRecoveryTest, KeepsAProductUntilTheCoordinatorIsBack) {
  host_.answer(200, kTask);
  for (const int pause : {250, 500, 1000}) {
    EXPECT_EQ(host_.request().body, kProduct);
    host_.no_answer();
    let_pass(pause);
  }
  EXPECT_EQ(host_.request().line(), "POST /task/7/result?workerId=w1&next=1&wait=25000");
  EXPECT_EQ(host_.request().body, kProduct);
  EXPECT_NE(host_.request().header("Enxame-Timing"), "");
  host_.answer(503, R"({"error":"draining"})");
  EXPECT_THAT(status().message, HasSubstr("503 (draining)"));
  let_pass(2000);
  EXPECT_EQ(host_.request().body, kProduct);
  host_.answer(200);
  EXPECT_EQ(status().completed, 1U);
  EXPECT_EQ(host_.request().method, "GET");
}

TEST_F(WorkerRecoveryTest, DropsATaskThatTheCoordinatorDoesNotWantAnyMore) {
  for (const int code : {404, 409, 410}) {
    host_.answer(200, kTask);
    host_.answer(code, R"({"error":"nobody holds task 7"})");
    EXPECT_EQ(host_.request().method, "GET") << code;
    EXPECT_THAT(host_.timers(), IsEmpty());
    EXPECT_THAT(status().last_error, HasSubstr("nobody holds task 7"));
  }
  EXPECT_EQ(status().completed, 0U);
  EXPECT_EQ(status().errors, 3U);
}

TEST_F(WorkerRecoveryTest, PausesAfterAProductThatWasRefused) {
  host_.answer(200, kTask);
  host_.answer(400, R"({"error":"wrong shape"})");
  EXPECT_THAT(status().message, HasSubstr("400 (wrong shape), dropped"));
  let_pass(250);
  EXPECT_EQ(host_.request().method, "GET");
}

TEST_F(WorkerRecoveryTest, SaysSoWhenAProductIsTooLargeToReturn) {
  host_.answer(200, kTask);
  host_.answer(413, R"({"error":"at most 10 bytes"})");
  EXPECT_EQ(host_.request().line(), "POST /task/7/result?workerId=w1&next=1&wait=25000");
  EXPECT_THAT(host_.request().body, HasSubstr("{\"refused\":\"the product is too large"));
  host_.answer(413);
  EXPECT_EQ(host_.open(), 0U);
  let_pass(250);
  EXPECT_EQ(host_.request().method, "GET");
}

TEST_F(WorkerRecoveryTest, ShowsThatItsQuestionWasRefusedAndTriesAgain) {
  host_.answer(400, R"({"error":"wait=25000: too long"})");
  EXPECT_THAT(status().message, HasSubstr("400 (wait=25000: too long)"));
  let_pass(250);
  EXPECT_EQ(host_.request().method, "GET");
}

TEST_F(WorkerRecoveryTest, BacksOffFromAnswersThatAreNoTask) {
  for (const int pause : {250, 500}) {
    host_.answer(200, "<html>a captive portal</html>");
    EXPECT_THAT(status().message, HasSubstr("JSON: expected '{'"));
    let_pass(pause);
  }
  host_.answer(302);
  let_pass(1000);
  EXPECT_EQ(host_.request().method, "GET");
}

TEST_F(WorkerRecoveryTest, AnErrorThatCannotBeReturnedIsKeptAsWell) {
  host_.answer(200, R"({"taskId":7,"data":{"A":"[[1]]","B":"[[]]"}})");
  host_.no_answer();
  let_pass(250);
  EXPECT_THAT(host_.request().body, HasSubstr("{\"error\":\"B: "));
}

TEST_F(WorkerRecoveryTest, KeepsItsProductWhenAProxyAnswersInTheCoordinatorsPlace) {
  host_.answer(200, kTask);
  for (const int code : {404, 409}) {
    host_.answer(code, "<h1>not here</h1>", {{"content-type", "text/html"}});
    EXPECT_EQ(status().state, WorkerState::waiting) << code;
    host_.advance(milliseconds(5'000));
    EXPECT_EQ(host_.request().body, kProduct) << code;
  }
}

TEST_F(WorkerRecoveryTest, NamesTheLeaseThatCameWithItsTask) {
  host_.answer(200, kTask, {{"content-type", "application/json"}, {"enxame-lease", "17"}});
  EXPECT_THAT(host_.request().target, HasSubstr("/task/7/result?workerId=w1&lease=17&"));
  host_.answer(200, kTask);
  EXPECT_THAT(host_.request().target, testing::Not(HasSubstr("lease")));
}

TEST(WorkerKeeper, IsNamedWithEveryQuestion) {
  for (const char* dispatch : {"long-poll", "poll", "push"}) {
    FakeHost host;
    WorkerLoop loop(parse_worker_options("keeper=k1&dispatch=" + std::string(dispatch), "w1"),
                    host);
    loop.start();
    const bool is_pushed = dispatch == std::string("push");
    EXPECT_THAT(is_pushed ? host.targets.at(0) : host.request().target,
                HasSubstr("workerId=w1&keeper=k1"));
  }
}

}  // namespace
}  // namespace enxame::worker
