// What clients and workers may ask for beyond the original's words: leases, keys, an end by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "coordinator/rest/test/routes_fixture.h"
#include "coordinator/store/test/store_fixture.h"
#include "matmul/codec/binary_codec.h"

namespace enxame::coordinator {
namespace {

using testing::HasSubstr;

constexpr const char* kTask = R"({"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})";
constexpr const char* kOtherTask = R"({"A":"[[1,2],[3,4]]","B":"[[5,6],[7,9]]"})";
constexpr const char* kProduct = R"({"result":"[[19,22],[43,50]]"})";
constexpr const char* kWrong = R"({"result":"[[19,22],[43,51]]"})";

class TaskLifeRoutesTest : public testing::Test {
 protected:
  static constexpr std::chrono::seconds kLease{10};

  http::Response post(const std::string& target, std::string body = "",
                      http::Headers headers = {}) {
    return api_.post(target, std::move(body), std::move(headers));
  }
  http::Response get(const std::string& target) { return api_.get(target); }
  http::Response remove(const std::string& target) { return api_.ask("DELETE", target); }
  /// Claims as a worker that knows leases; returns the lease.
  std::string claim(const std::string& worker = "w1") {
    const http::Response task = get("/task/next?wait=0&workerId=" + worker);
    EXPECT_EQ(task.status, 200);
    return Api::header(task, "Enxame-Lease");
  }
  http::Response answer(const std::string& lease, const std::string& body = kProduct,
                        const std::string& worker = "w1") {
    return post("/task/1/result?workerId=" + worker + "&lease=" + lease, body);
  }
  void pass(std::chrono::milliseconds time) {
    clock_.advance(time);
    api_.broker().expire_leases();
  }
  nlohmann::json inspect() { return nlohmann::json::parse(get("/task/1").body); }

  LaggingClock clock_;
  Api api_{{.store = {.lease = kLease, .max_stored_bytes = 16'000},
            .broker = {.now = [this] { return clock_.now(); }}}};
};

TEST_F(TaskLifeRoutesTest, AnotherWorkersProductUnderALeaseIsNotItsHolders) {
  post("/task", kTask);
  const std::string lease = claim("honest");
  for (const char* when : {"held", "over"}) {
    EXPECT_EQ(answer(lease, kWrong, "liar").status, 409) << when;
    pass(kLease);
  }
  EXPECT_EQ(get("/task/next?wait=0&workerId=honest").status, 200) << "it is not in quarantine";
}

TEST_F(TaskLifeRoutesTest, AProductThatIsNotFiniteFailsOnlyWhatCanOverflow) {
  const Matrix lie{{std::numeric_limits<double>::quiet_NaN()}};
  std::string frame;
  append_frame(lie, frame);
  const auto lie_about = [&](const std::string& target, const char* worker) {
    const std::string lease = claim(worker);
    return post(target + "/result?workerId=" + worker + "&lease=" + lease, frame,
                {{"Content-Type", kBinary}});
  };
  post("/task", R"({"A":"[[1,2]]","B":"[[3],[4]]"})");
  EXPECT_EQ(lie_about("/task/1", "liar").status, 400);
  EXPECT_EQ(get("/task/next?wait=0&workerId=liar").status, 403) << "it is in quarantine";
  EXPECT_EQ(inspect()["status"], "pending");
  claim("honest");
  post("/task", R"({"A":"[[1e200,2]]","B":"[[1e200],[4]]"})");
  EXPECT_EQ(lie_about("/task/2", "w2").status, 200);
  EXPECT_EQ(nlohmann::json::parse(get("/task/2").body)["status"], "failed");
}

TEST_F(TaskLifeRoutesTest, TellsOfTilesThatWereWithdrawn) {
  post("/task?split=rows&tiles=2", kTask);
  claim();
  post("/task/2/result?workerId=w1&lease=1", R"({"refused":"no"})");
  for (const char* task : {"/task/1", "/task/2", "/task/3"}) {
    const http::Response answer = get(task);
    ASSERT_EQ(answer.status, 200) << task;
    EXPECT_EQ(nlohmann::json::parse(answer.body)["status"], "failed") << task;
  }
}

TEST_F(TaskLifeRoutesTest, WhoKnowsLeasesNamesItsOwn) {
  post("/task", kTask);
  const std::string lease = claim();
  EXPECT_THAT(post("/task/1/result?workerId=w1", kProduct).body, HasSubstr("under a lease"));
  EXPECT_EQ(answer("1" + lease).status, 409) << "another's lease";
  EXPECT_EQ(answer(lease).status, 200);
}

TEST_F(TaskLifeRoutesTest, TwoWorkersOfOneNameDoNotSpeakForEachOther) {
  post("/task", kTask);
  post("/task", kOtherTask);
  const std::string first = claim("w");
  const std::string second = claim("w");
  EXPECT_EQ(answer(second, kProduct, "w").status, 409);
  EXPECT_EQ(answer(first, kProduct, "w").status, 200);
}

TEST_F(TaskLifeRoutesTest, ALeaseIsRenewed) {
  post("/task", kTask);
  const std::string lease = claim();
  const std::string renew = "/task/1/renew?lease=";
  for (int i = 0; i < 3; ++i) {
    pass(kLease - std::chrono::seconds(1));
    EXPECT_EQ(post(renew + lease).body, R"({"taskId":1,"status":"processing"})");
  }
  EXPECT_EQ(post(renew + "77").status, 409);
  EXPECT_THAT(post("/task/1/renew").body, HasSubstr("lease is missing"));
  EXPECT_EQ(post("/task/1/renew").status, 400);
  EXPECT_EQ(post("/task/1/renew?lease=x").status, 400);
  EXPECT_EQ(post("/task/2/renew?lease=" + lease).status, 404);
  pass(kLease);
  EXPECT_THAT(post(renew + lease).body, HasSubstr("any more"));
  answer(lease);
  EXPECT_EQ(post(renew + lease).status, 409);
}

TEST_F(TaskLifeRoutesTest, AClaimInTheOriginalsWordsIsNotRenewed) {
  post("/task", kTask);
  const std::string lease = Api::header(get("/task/next?workerId=w1"), "Enxame-Lease");
  const http::Response renewed = post("/task/1/renew?lease=" + lease);
  EXPECT_EQ(renewed.status, 409);
  EXPECT_THAT(renewed.body, HasSubstr("in the original's words"));
  EXPECT_EQ(answer(lease).status, 200);
}

TEST_F(TaskLifeRoutesTest, ALateProductIsTakenIfItIsRight) {
  post("/task", kTask);
  const std::string late = claim("w1");
  pass(kLease);
  const http::Response wrong = answer(late, kWrong);
  EXPECT_EQ(wrong.status, 409);
  EXPECT_THAT(wrong.body, HasSubstr("the product is wrong: row 2"));
  EXPECT_EQ(inspect()["status"], "pending");
  const std::string current = claim("w2");
  EXPECT_EQ(answer(late).status, 200);
  EXPECT_EQ(get("/result/1").body,
            R"({"taskId":1,"status":"completed","result":"[[19,22],[43,50]]"})");
  EXPECT_EQ(answer(current, kProduct, "w2").status, 200) << "the same once more";
  EXPECT_EQ(answer(current, kWrong, "w2").status, 409);
  const auto task = inspect();
  EXPECT_EQ(task["workerId"], "w1");
  ASSERT_EQ(task["contradictions"].size(), 1u);
  EXPECT_EQ(task["contradictions"][0]["workerId"], "w2");
  EXPECT_THAT(task["contradictions"][0]["difference"].get<std::string>(),
              HasSubstr("row 2, column 2"));
}

TEST_F(TaskLifeRoutesTest, ATaskTellsWhatHappenedToIt) {
  post("/task", kTask);
  claim("w1");
  pass(kLease);
  answer(claim("w2"), R"({"error":"no memory"})", "w2");
  const auto task = inspect();
  EXPECT_EQ(task["taskId"], 1);
  EXPECT_EQ(task["status"], "pending");
  EXPECT_EQ(task["attempts"], 2);
  ASSERT_EQ(task["endedClaims"].size(), 2u);
  EXPECT_EQ(task["endedClaims"][0]["workerId"], "w1");
  EXPECT_EQ(task["endedClaims"][0]["ended"], "expired");
  EXPECT_GE(task["endedClaims"][0]["heldMs"].get<double>(), 10'000);
  EXPECT_EQ(task["endedClaims"][1]["ended"], "nacked");
  EXPECT_THAT(task["endedClaims"][1]["reason"].get<std::string>(), HasSubstr("no memory"));
  EXPECT_EQ(get("/task/2").status, 404);
  EXPECT_EQ(api_.ask("HEAD", "/task/1").status, 200);
}

TEST_F(TaskLifeRoutesTest, ATaskIsCancelled) {
  post("/task", kTask);
  const std::string lease = claim();
  EXPECT_EQ(remove("/task/1").body, R"({"taskId":1,"status":"cancelled"})");
  EXPECT_EQ(remove("/task/1").status, 200);
  EXPECT_EQ(get("/result/1").body,
            R"({"taskId":1,"status":"cancelled","result":"","error":"the task was cancelled"})");
  EXPECT_EQ(answer(lease).status, 409);
  EXPECT_EQ(remove("/task/9").status, 404);
  post("/task", kTask);
  post("/task/2/result?lease=" + claim(), kProduct);
  EXPECT_EQ(remove("/task/2").status, 409);
}

TEST_F(TaskLifeRoutesTest, AFailedTaskIsTriedAgain) {
  post("/task", kTask);
  EXPECT_EQ(post("/task/1/retry").status, 409);
  answer(claim(), R"({"refused":"no"})");
  EXPECT_EQ(inspect()["status"], "failed");
  EXPECT_EQ(post("/task/1/retry").body, R"({"taskId":1,"status":"pending"})");
  EXPECT_EQ(answer(claim()).status, 200);
}

TEST_F(TaskLifeRoutesTest, AForgottenTaskIsGoneAndAnUnknownOneNotThere) {
  post("/task", kTask);
  answer(claim());
  const auto large =
      std::make_shared<Operands>(Operands{Codec::json, std::string(9'000, 'x'), {1, 1}});
  for (int i = 0; i < 2; ++i) {
    api_.broker().submit(large);
    post("/task/" + std::to_string(i + 2) + "/result?lease=" + claim(), R"({"refused":"no"})");
  }
  for (const char* target : {"/result/1", "/task/1"}) EXPECT_EQ(get(target).status, 410) << target;
  EXPECT_THAT(get("/result/1").body, HasSubstr("forgotten"));
  EXPECT_EQ(remove("/task/1").status, 410);
  EXPECT_EQ(post("/task/1/retry").status, 410);
  EXPECT_EQ(get("/result/9").status, 404);
}

TEST_F(TaskLifeRoutesTest, ASubmissionIsRepeatedUnderItsKey) {
  const auto submit = [&](const std::string& key, const std::string& body = kTask,
                          const std::string& query = "") {
    return post("/task" + query, body, {{"Idempotency-Key", key}});
  };
  EXPECT_EQ(submit("\"a\"").body, R"({"taskId":1})");
  EXPECT_EQ(submit("a").body, R"({"taskId":1})") << "with quotes or without";
  EXPECT_EQ(submit("b").body, R"({"taskId":2})");
  EXPECT_EQ(submit("a", kOtherTask).status, 422);
  EXPECT_EQ(submit("a", kTask, "?split=rows&tiles=2").status, 422);
  EXPECT_EQ(submit("b", kTask, "?wait=0").body, R"({"taskId":2})") << "how long is no matter";
  EXPECT_EQ(submit(std::string(256, 'k')).status, 400);
  EXPECT_EQ(submit("\x01").status, 400);
  EXPECT_THAT(submit("a", kOtherTask).body, HasSubstr("task 1"));
  answer(claim());
  EXPECT_THAT(submit("a", kTask, "?wait=1000").body, HasSubstr("[[19,22],[43,50]]"));
}

TEST_F(TaskLifeRoutesTest, AQuestionIsRepeatedUnderItsName) {
  post("/task", kTask);
  post("/task", kOtherTask);
  const std::string target = "/task/next?workerId=w1&question=1";
  const std::string first = get(target).body;
  EXPECT_EQ(get(target).body, first);
  EXPECT_NE(get("/task/next?workerId=w1&question=2").body, first);
  EXPECT_EQ(get("/task/next?question=x").status, 400);
  EXPECT_EQ(get("/task/next?keeper=").status, 400);
}

TEST_F(TaskLifeRoutesTest, ARepeatedAnswerThatCannotBeMadeTakesNothingBack) {
  post("/task", kTask);
  const std::string target = "/task/next?workerId=w1&question=1&wait=0";
  const http::Response first = get(target);
  ASSERT_EQ(first.status, 200);
  api_.set_has_room(false);
  EXPECT_EQ(get(target).status, 503);
  EXPECT_EQ(inspect()["status"], "processing") << "the first answer may have arrived";
  first.after_write(false);
  EXPECT_EQ(inspect()["status"], "pending") << "and has not";
}

TEST_F(TaskLifeRoutesTest, ATaskWhoseOnlyAnswerCannotBeMadeGoesBack) {
  post("/task", kTask);
  api_.set_has_room(false);
  EXPECT_EQ(get("/task/next?workerId=w1&question=1&wait=0").status, 503);
  EXPECT_EQ(inspect()["status"], "pending");
}

}  // namespace
}  // namespace enxame::coordinator
