#include "wasm/app/worker_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "worker/test/fake_host.h"

namespace enxame::app {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Coordinator = WorkerWatch::Coordinator;

class WorkerWatchTest : public ::testing::Test {
 protected:
  WorkerWatchTest() { watch_.start(); }

  worker::FakeHost host_;
  WorkerWatch watch_{host_};
};

TEST_F(WorkerWatchTest, ListsTheWorkersEveryTwoSeconds) {
  EXPECT_EQ(watch_.coordinator(), Coordinator::unknown);
  EXPECT_EQ(host_.request().line(), "GET /workers");
  host_.answer(200, R"({"workers":[{"workerId":"w1","state":"asking","lastSeenMs":12,"completed":3},
                        {"workerId":"w2","state":"silent","lastSeenMs":9000,"completed":0,"new":1}]})");
  EXPECT_EQ(watch_.coordinator(), Coordinator::reachable);
  ASSERT_EQ(watch_.workers().size(), 2U);
  EXPECT_EQ(watch_.workers()[0].id, "w1");
  EXPECT_EQ(watch_.workers()[0].completed, 3U);
  EXPECT_EQ(watch_.workers()[1].state, "silent");
  EXPECT_EQ(watch_.workers()[1].last_seen_ms, 9000U);
  EXPECT_THAT(host_.timers(), ElementsAre(2000));
  host_.advance(milliseconds(2000));
  host_.answer(200, R"({"workers":[]})");
  EXPECT_THAT(watch_.workers(), IsEmpty());
}

TEST_F(WorkerWatchTest, SaysThatTheCoordinatorIsAwayAndThatItIsBack) {
  for (const int pause : {250, 500, 1000}) {
    host_.no_answer();
    EXPECT_EQ(watch_.coordinator(), Coordinator::away);
    EXPECT_THAT(watch_.message(), HasSubstr("no answer (Failed to fetch); asking again in"));
    ASSERT_THAT(host_.timers(), ElementsAre(pause));
    host_.advance(milliseconds(pause));
  }
  host_.answer(200, R"({"workers":[]})");
  EXPECT_EQ(watch_.coordinator(), Coordinator::reachable);
  EXPECT_THAT(host_.timers(), ElementsAre(2000));
}

TEST_F(WorkerWatchTest, IsNotDeceivedByAProxysPage) {
  host_.answer(200, "<html>Log in</html>", {{"content-type", "text/html"}});
  EXPECT_EQ(watch_.coordinator(), Coordinator::away);
  EXPECT_THAT(watch_.message(), HasSubstr("the answer is text/html with status 200, from"));
  EXPECT_THAT(host_.timers(), ElementsAre(250));
}

TEST_F(WorkerWatchTest, SaysThatThePageIsRefused) {
  host_.answer(403, R"({"error":"Origin is \"http://a\""})");
  EXPECT_EQ(to_string(watch_.coordinator()), "refusing");
  EXPECT_THAT(watch_.message(), HasSubstr("refuses this page: 403 (Origin is \"http://a\")"));
  EXPECT_THAT(host_.timers(), ElementsAre(250));
}

TEST_F(WorkerWatchTest, SaysThatThePageHasNoToken) {
  host_.answer(401, R"({"error":"expected a token"})");
  EXPECT_EQ(watch_.coordinator(), Coordinator::refusing);
  EXPECT_THAT(watch_.message(), HasSubstr("refuses this page: 401 (expected a token)"));
}

TEST_F(WorkerWatchTest, LivesWithACoordinatorThatListsNoWorkers) {
  host_.answer(404, R"({"error":"unknown path"})");
  EXPECT_EQ(watch_.coordinator(), Coordinator::reachable);
  EXPECT_THAT(watch_.message(), HasSubstr("does not list its workers"));
  host_.advance(milliseconds(2000));
  host_.answer(200, R"({"workers":[{"workerId":7}]})");
  EXPECT_THAT(watch_.workers(), IsEmpty());
  EXPECT_EQ(host_.timers().size(), 1U);
}

}  // namespace
}  // namespace enxame::app
