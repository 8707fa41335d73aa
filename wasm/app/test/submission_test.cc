#include "wasm/app/submission.h"

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

constexpr const char* kAccepted = R"({"taskId":7})";
constexpr const char* kPending = R"({"taskId":7,"status":"pending"})";
constexpr const char* kProcessing = R"({"taskId":7,"status":"processing"})";
constexpr const char* kCompleted =
    R"({"taskId":7,"status":"completed","result":"[[19,22],[43,50]]"})";

/// A submission of [[1,2],[3,4]] · [[5,6],[7,8]] that was just started.
class SubmissionTest : public ::testing::Test {
 protected:
  SubmissionTest() { submission_->start(); }

  void answer_after(int ms, const std::string& body) {
    host_.advance(milliseconds(ms));
    host_.answer(200, body);
  }
  SubmissionState state() const { return submission_->state(); }
  const std::string& message() const { return submission_->message(); }

  worker::FakeHost host_;
  LongPolls long_polls_{2};
  std::shared_ptr<Submission> submission_ = std::make_shared<Submission>(
      1, worker::Operands{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}, host_, long_polls_);
};

TEST_F(SubmissionTest, GoesFromSubmitToProduct) {
  EXPECT_EQ(state(), SubmissionState::submitting);
  EXPECT_EQ(host_.request().line(), "POST /task");
  EXPECT_EQ(host_.request().body, R"({"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})");
  EXPECT_EQ(host_.request().header("Content-Type"), "application/json");

  host_.answer(200, kAccepted);
  EXPECT_EQ(state(), SubmissionState::pending);
  EXPECT_EQ(submission_->task(), 7U);
  EXPECT_EQ(host_.request().line(), "GET /result/7?wait=100");

  answer_after(100, kPending);
  EXPECT_EQ(state(), SubmissionState::pending);
  EXPECT_EQ(host_.request().line(), "GET /result/7?wait=1000");

  answer_after(1000, kProcessing);
  EXPECT_EQ(state(), SubmissionState::processing);
  EXPECT_EQ(host_.request().line(), "GET /result/7?wait=1000");
  EXPECT_TRUE(submission_->is_active());

  host_.advance(milliseconds(400));
  host_.answer(200, kCompleted,
               {{"enxame-worker", "w1"}, {"server-timing", "queue;dur=1, compute;dur=2"}});
  EXPECT_EQ(state(), SubmissionState::completed);
  EXPECT_EQ(submission_->product_text(), "[[19,22],[43,50]]");
  EXPECT_THAT(submission_->product_preview(),
              ElementsAre(ElementsAre("19", "22"), ElementsAre("43", "50")));
  EXPECT_EQ(submission_->worker(), "w1");
  EXPECT_EQ(submission_->timing(), "queue 1 ms, compute 2 ms");
  EXPECT_EQ(submission_->elapsed(), milliseconds(1500));
  host_.advance(milliseconds(5000));
  EXPECT_EQ(submission_->elapsed(), milliseconds(1500));
  EXPECT_EQ(host_.open(), 0U);
  EXPECT_THAT(host_.timers(), IsEmpty());
}

TEST_F(SubmissionTest, SaysWhyATaskFailed) {
  host_.answer(200, kAccepted);
  host_.answer(200, R"({"taskId":7,"status":"failed","error":"given up after 3 attempts"})");
  EXPECT_EQ(state(), SubmissionState::failed);
  EXPECT_EQ(message(), "given up after 3 attempts");
  EXPECT_TRUE(submission_->may_restart());
}

TEST_F(SubmissionTest, SaysWhyItWasRefused) {
  host_.answer(413, R"({"error":"at most 10 bytes"})");
  EXPECT_EQ(state(), SubmissionState::failed);
  EXPECT_THAT(message(), HasSubstr("413 (at most 10 bytes)"));
  EXPECT_THAT(host_.timers(), IsEmpty());
}

/// What a proxy answers by itself.
void answer_with_page(worker::FakeHost& host, int status) {
  host.answer(status, "<html>nginx</html>", {{"content-type", "text/html"}});
}

TEST_F(SubmissionTest, TakesAProxysPageForNoAnswerOfTheCoordinator) {
  for (const int pause : {250, 500}) {
    answer_with_page(host_, pause == 250 ? 200 : 404);
    EXPECT_EQ(state(), SubmissionState::submitting);
    EXPECT_THAT(message(), HasSubstr("the answer is text/html with status"));
    host_.advance(milliseconds(pause));
  }
  host_.answer(200, kAccepted);
  answer_with_page(host_, 404);
  EXPECT_EQ(state(), SubmissionState::pending) << "its task is not lost";
  host_.advance(milliseconds(250));
  host_.answer(200, kCompleted);
  EXPECT_EQ(state(), SubmissionState::completed);
}

TEST_F(SubmissionTest, FailsWhenAProxyDoesNotPassItsMatricesOn) {
  answer_with_page(host_, 413);
  EXPECT_EQ(state(), SubmissionState::failed);
  EXPECT_THAT(message(), HasSubstr("it did not arrive: the answer is text/html with status 413"));
  EXPECT_THAT(host_.timers(), IsEmpty());
}

TEST_F(SubmissionTest, SubmitsAgainWhileTheCoordinatorIsAway) {
  const std::string body = host_.request().body;
  for (const int pause : {250, 500, 1000, 2000, 4000, 5000, 5000}) {
    host_.no_answer();
    EXPECT_EQ(state(), SubmissionState::submitting);
    EXPECT_THAT(message(), HasSubstr("no answer (Failed to fetch); trying again in"));
    ASSERT_THAT(host_.timers(), ElementsAre(pause));
    host_.advance(milliseconds(pause));
    EXPECT_EQ(host_.request().body, body);
  }
  host_.answer(503, R"({"error":"full"})");
  EXPECT_THAT(message(), HasSubstr("503 (full)"));
}

TEST_F(SubmissionTest, AsksAgainWhileTheCoordinatorIsAway) {
  host_.answer(200, kAccepted);
  host_.no_answer();
  EXPECT_EQ(state(), SubmissionState::pending);
  EXPECT_THAT(message(), HasSubstr("trying again in 250 ms"));
  ASSERT_THAT(host_.timers(), ElementsAre(250));
  host_.advance(milliseconds(250));
  host_.answer(200, kCompleted);
  EXPECT_EQ(state(), SubmissionState::completed);
}

TEST_F(SubmissionTest, IsLostWhenTheCoordinatorForgotTheTaskAndCanBeSubmittedAgain) {
  host_.answer(200, kAccepted);
  host_.answer(404, R"({"error":"no task 7"})");
  EXPECT_EQ(state(), SubmissionState::lost);
  EXPECT_THAT(message(), HasSubstr("does not know task 7 any more"));
  EXPECT_EQ(host_.open(), 0U);

  submission_->start();
  EXPECT_EQ(state(), SubmissionState::submitting);
  EXPECT_FALSE(submission_->task());
  host_.answer(200, R"({"taskId":1})");
  EXPECT_EQ(host_.request().line(), "GET /result/1?wait=100");
  host_.answer(200, kCompleted);
  EXPECT_EQ(state(), SubmissionState::completed);
}

TEST_F(SubmissionTest, CannotBeStartedTwice) {
  EXPECT_THROW(submission_->start(), std::logic_error);
  host_.answer(200, kAccepted);
  host_.answer(200, kCompleted);
  EXPECT_FALSE(submission_->may_restart());
  EXPECT_THROW(submission_->start(), std::logic_error);
}

TEST_F(SubmissionTest, RecognisesAnotherTasksProduct) {
  host_.answer(200, kAccepted);
  host_.answer(200, R"({"status":"completed","result":"[[19,22],[43,51]]"})");
  EXPECT_EQ(state(), SubmissionState::failed);
  EXPECT_THAT(message(), HasSubstr("not A·B"));
  EXPECT_EQ(submission_->product_text(), "");
}

TEST_F(SubmissionTest, RefusesAnswersThatAreNone) {
  for (const char* body :
       {"", "[]", R"({"status":"done"})", R"({"status":"completed"})", R"({"status":"compl)",
        R"({"status":"completed","result":"[[1]]"})", R"({"status":"completed","result":"[[1"})"}) {
    auto other =
        std::make_shared<Submission>(2, worker::Operands{{{1, 2}}, {{3}, {4}}}, host_, long_polls_);
    if (host_.open() == 1) host_.answer(400);  // the fixture's own
    other->start();
    host_.answer(200, kAccepted);
    host_.answer(200, body);
    EXPECT_EQ(other->state(), SubmissionState::failed) << body;
    EXPECT_NE(other->message(), "") << body;
    EXPECT_EQ(host_.open(), 0U);
  }
}

TEST_F(SubmissionTest, RefusesAnAcceptanceWithoutNumber) {
  host_.answer(200, "{}");
  EXPECT_EQ(state(), SubmissionState::failed);
  EXPECT_THAT(message(), HasSubstr("taskId"));
}

TEST_F(SubmissionTest, PausesWhenTheCoordinatorDoesNotWait) {
  host_.answer(200, kAccepted);
  answer_after(2, kPending);
  EXPECT_EQ(host_.open(), 0U);
  EXPECT_THAT(host_.timers(), ElementsAre(500));
}

TEST_F(SubmissionTest, AsksWithoutWaitingWhenTooManyLongPollsAreOpen) {
  const auto one = long_polls_.take();
  const auto two = long_polls_.take();
  EXPECT_FALSE(long_polls_.take());
  host_.answer(200, kAccepted);
  EXPECT_EQ(host_.request().line(), "GET /result/7?wait=0");
  host_.answer(200, kPending);
  EXPECT_THAT(host_.timers(), ElementsAre(500));
}

TEST_F(SubmissionTest, GivesItsLongPollBackWithTheAnswer) {
  const auto one = long_polls_.take();
  host_.answer(200, kAccepted);
  EXPECT_FALSE(long_polls_.take());
  answer_after(100, kPending);
  EXPECT_EQ(host_.request().line(), "GET /result/7?wait=1000");
  answer_after(500, kCompleted);
  EXPECT_TRUE(long_polls_.take());
}

TEST_F(SubmissionTest, MayBeDroppedWhileAnAnswerOrATimerIsOutstanding) {
  host_.no_answer();
  submission_.reset();
  host_.advance(milliseconds(250));
  EXPECT_EQ(host_.open(), 0U);

  auto other = std::make_shared<Submission>(2, worker::Operands{{{1}}, {{1}}}, host_, long_polls_);
  other->start();
  other.reset();
  host_.answer(200, kAccepted);
  EXPECT_EQ(host_.open(), 0U);
}

}  // namespace
}  // namespace enxame::app
