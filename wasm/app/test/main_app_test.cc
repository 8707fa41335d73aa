#include "wasm/app/main_app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

#include "worker/test/fake_host.h"

namespace enxame::app {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

worker::Operands small() { return {{{1, 2}}, {{3}, {4}}}; }

class MainAppTest : public ::testing::Test {
 protected:
  worker::FakeHost host_;
  MainApp app_{host_};
};

TEST_F(MainAppTest, FollowsSeveralSubmissionsAtOnce) {
  EXPECT_EQ(app_.submit(small()), 1U);
  EXPECT_EQ(app_.submit(small()), 2U);
  EXPECT_EQ(app_.submit(small()), 3U);
  host_.answer(200, R"({"taskId":11})");
  host_.answer(200, R"({"taskId":12})");
  host_.answer(200, R"({"taskId":13})");
  EXPECT_EQ(host_.request(0).target, "/result/11?wait=100");
  EXPECT_EQ(host_.request(1).target, "/result/12?wait=100");
  EXPECT_EQ(host_.request(2).target, "/result/13?wait=0");  // two long-polls at most
  host_.answer(200, R"({"status":"completed","result":"[[11]]"})");
  EXPECT_EQ(app_.submission(1).state(), SubmissionState::completed);
  EXPECT_EQ(app_.submission(2).state(), SubmissionState::pending);
}

TEST_F(MainAppTest, SubmitsAgainAndDismisses) {
  app_.submit(small());
  host_.answer(400);
  app_.submit_again(1);
  EXPECT_EQ(host_.request().line(), "POST /task");
  app_.dismiss(1);
  host_.answer(200, R"({"taskId":11})");
  EXPECT_EQ(host_.open(), 0U);
  EXPECT_THROW(app_.dismiss(1), std::out_of_range);
  EXPECT_THROW(app_.submit_again(1), std::out_of_range);
  EXPECT_THROW(app_.submission(1), std::out_of_range);
  EXPECT_EQ(app_.submit(small()), 2U);
}

TEST_F(MainAppTest, ShowsWhatIsHappening) {
  app_.start();
  host_.answer(
      200, R"({"workers":[{"workerId":"w1","state":"asking","lastSeenMs":1500,"completed":3}]})");
  app_.submit(small());
  host_.answer(200, R"({"taskId":11})");
  EXPECT_EQ(
      to_view(app_),
      R"({"coordinator":"reachable","message":"The coordinator answers",)"
      R"("workers":[{"id":"w1","state":"asking","seen":"1.5 s ago","completed":"3"}],)"
      R"("submissions":[{"number":1,"state":"pending","task":"11","shapes":"1 × 2 times 2 × 1",)"
      R"("product":"1 × 1","message":"queued","elapsed":"0 ms","worker":"","timing":"",)"
      R"("active":true,"mayRestart":false,"productBytes":0,"preview":[]}]})");
  host_.advance(milliseconds(60));
  host_.answer(200, R"({"status":"completed","result":"[[11]]"})", {{"Enxame-Worker", "w1"}});
  EXPECT_THAT(to_view(app_), HasSubstr(R"("elapsed":"60 ms","worker":"w1")"));
  EXPECT_THAT(to_view(app_), HasSubstr(R"("productBytes":6,"preview":[["11"]])"));
}

}  // namespace
}  // namespace enxame::app
