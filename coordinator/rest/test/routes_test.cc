#include "coordinator/rest/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "coordinator/rest/test/routes_fixture.h"
#include "coordinator/store/test/store_fixture.h"
#include "matmul/codec/binary_codec.h"

namespace enxame::coordinator {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kTask = R"({"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})";
constexpr const char* kProduct = R"({"result":"[[19,22],[43,50]]"})";

template <typename T>
std::string frame(const MatrixOf<T>& matrix) {
  std::string out;
  append_frame(matrix, out);
  return out;
}

class RoutesTest : public testing::Test {
 protected:
  http::Response ask(const std::string& method, const std::string& target, std::string body = "",
                     http::Headers headers = {}) {
    return api_.ask(method, target, std::move(body), std::move(headers));
  }
  http::Response get(const std::string& target, http::Headers headers = {}) {
    return api_.get(target, std::move(headers));
  }
  http::Response post(const std::string& target, std::string body, http::Headers headers = {}) {
    return api_.post(target, std::move(body), std::move(headers));
  }
  void submit_and_claim(std::string task = kTask, http::Headers headers = {}) {
    ASSERT_EQ(post("/task", std::move(task), std::move(headers)).status, 200);
    ASSERT_EQ(get("/task/next?workerId=w1").status, 200);
  }
  static std::string header(const http::Response& response, std::string_view name) {
    return Api::header(response, name);
  }

  LaggingClock clock_;
  Api api_{
      {.store = {.max_stored_bytes = 100'000}, .broker = {.now = [this] { return clock_.now(); }}}};
};

TEST_F(RoutesTest, CarriesATaskThroughItsLifeInTheSeedsWords) {
  EXPECT_EQ(post("/task", kTask).body, R"({"taskId":1})");
  EXPECT_EQ(get("/result/1").body, R"({"taskId":1,"status":"pending","result":""})");
  EXPECT_EQ(get("/stats").body,
            R"({"totalTasks":1,"completedTasks":0,"activeTasks":0,"queueSize":1})");
  EXPECT_EQ(get("/task/next?workerId=w1").body,
            R"({"taskId":1,"data":{"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"}})");
  EXPECT_EQ(get("/result/1").body, R"({"taskId":1,"status":"processing","result":""})");
  EXPECT_EQ(get("/stats").body,
            R"({"totalTasks":1,"completedTasks":0,"activeTasks":1,"queueSize":0})");
  EXPECT_EQ(get("/task/next?workerId=w1").status, 204);
  const std::string completed = R"({"taskId":1,"status":"completed","result":"[[19,22],[43,50]]"})";
  EXPECT_EQ(post("/task/1/result", kProduct).body, completed);
  EXPECT_EQ(get("/result/1").body, completed);
  EXPECT_EQ(get("/stats").body,
            R"({"totalTasks":1,"completedTasks":1,"activeTasks":0,"queueSize":0})");
  EXPECT_EQ(get("/health").status, 200);
}

TEST_F(RoutesTest, ReportsWhoComputedAndWhereTheTimeWent) {
  submit_and_claim();
  clock_.advance(std::chrono::seconds(10));
  post("/task/1/result?workerId=w1", kProduct,
       {{"Enxame-Timing", "decode;dur=0.012, compute;dur=1.5, encode;dur=0.02"}});
  const http::Response response = get("/result/1");
  EXPECT_EQ(header(response, "Enxame-Worker"), "w1");
  EXPECT_THAT(
      header(response, "Server-Timing"),
      testing::MatchesRegex("queue;dur=[0-9.]+, dispatch;dur=[0-9.]+, decode;dur=0.012, "
                            "compute;dur=1.5, encode;dur=0.02, return;dur=[0-9.]+, "
                            "collect;dur=[0-9.]+, clock-error;dur=[0-9.]+, "
                            "accepted;dur=[0-9.]+, asked;dur=[0-9.]+, finished;dur=[0-9.]+"));
}

TEST_F(RoutesTest, CutsOffWhatAWorkerClaimsBeyondTheTimeItHad) {
  submit_and_claim();
  clock_.advance(std::chrono::seconds(1));
  post("/task/1/result?workerId=w1", kProduct,
       {{"Enxame-Timing", "decode;dur=315360000000, compute;dur=1.5, encode;dur=0.02"}});
  EXPECT_THAT(
      header(get("/result/1"), "Server-Timing"),
      testing::MatchesRegex("queue;dur=[0-9.]+, dispatch;dur=0, decode;dur=10[0-9][0-9][0-9.]*, "
                            "compute;dur=0, encode;dur=0, return;dur=0, .*"));
}

TEST_F(RoutesTest, TellsWhenATaskWasAcceptedFinishedAndAskedForOnItsClock) {
  clock_.advance(LaggingClock::kBehind);  // one clock for all
  const Duration before = std::chrono::steady_clock::now().time_since_epoch();
  submit_and_claim();
  post("/task/1/result", kProduct);
  const auto timing = parse_server_timing(header(get("/result/1"), "Server-Timing"));
  const Duration after = std::chrono::steady_clock::now().time_since_epoch();
  const auto told = [&](std::string_view name) { return duration_of(timing, name); };
  EXPECT_LT(before, told("accepted"));
  EXPECT_LT(told("accepted"), told("finished"));
  EXPECT_LT(told("finished"), told("asked"));
  EXPECT_LT(told("asked"), told("finished") + told("collect"));
  EXPECT_LT(told("finished") + told("collect"), after);
  EXPECT_EQ(told("queue") + told("dispatch") + told("return"), told("finished") - told("accepted"));
}

TEST_F(RoutesTest, AnswersASubmissionWithTheProductWhenItIsAskedToWait) {
  EXPECT_EQ(post("/task?wait=5", kTask).body, R"({"taskId":1})");
  std::thread worker([&] {
    const auto claim = api_.broker().claim("w1", std::chrono::seconds(20), [] { return true; });
    api_.broker().fail(*claim, "an odd one");
    const auto next = api_.broker().claim("w1", std::chrono::seconds(20), [] { return true; });
    api_.broker().complete(*next, "w1", {Codec::json, "[[7]]"}, {});
  });
  const http::Response completed = post("/task?wait=20000", kTask);
  worker.join();
  EXPECT_EQ(completed.body, R"({"taskId":2,"status":"completed","result":"[[7]]"})");
  EXPECT_EQ(header(completed, "Enxame-Worker"), "w1");
  EXPECT_EQ(post("/task?wait=never", kTask).status, 400);
}

TEST_F(RoutesTest, SpeaksBinaryOnTheSamePaths) {
  const Matrix a{{1, 2}, {3, 4}};
  const Matrix b{{5, 6}, {7, 8}};
  const Matrix c{{19, 22}, {43, 50}};
  EXPECT_EQ(post("/task", frame(a) + frame(b), {{"Content-Type", kBinary}}).body,
            R"({"taskId":1})");
  const http::Response task = get("/task/next", {{"Accept", kBinary}});
  EXPECT_EQ(task.content_type, kBinary);
  EXPECT_EQ(header(task, "Enxame-Task"), "1");
  EXPECT_EQ(task.body, frame(a) + frame(b));
  EXPECT_EQ(get("/result/1", {{"Accept", kBinary}}).content_type, "application/json");
  EXPECT_EQ(post("/task/1/result?lease=" + header(task, "Enxame-Lease"), frame(c),
                 {{"Content-Type", kBinary}})
                .body,
            R"({"taskId":1,"status":"completed","result":"[[19,22],[43,50]]"})");
  const http::Response result = get("/result/1", {{"Accept", kBinary}});
  EXPECT_EQ(result.content_type, kBinary);
  EXPECT_EQ(result.body, frame(c));
  EXPECT_THAT(header(result, "Server-Timing"), StartsWith("queue;"));
}

TEST_F(RoutesTest, HandsOutTheNextTaskWithTheAnswerToAProduct) {
  submit_and_claim();
  post("/task", kTask);
  const http::Response next = post("/task/1/result?workerId=w1&next=1", kProduct);
  EXPECT_EQ(next.body, R"({"taskId":2,"data":{"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"}})");
  EXPECT_EQ(header(next, "Enxame-Task"), "2");
  EXPECT_THAT(get("/result/1").body, HasSubstr("completed"));
  EXPECT_EQ(post("/task/2/result?workerId=w1&next=1&wait=1", kProduct).status, 204);
  EXPECT_THAT(get("/result/2").body, HasSubstr("completed"));
}

TEST_F(RoutesTest, HandsOutTheNextTaskInTheCodecThatIsAsked) {
  submit_and_claim(frame(Matrix{{2}}) + frame(Matrix{{3}}), {{"Content-Type", kBinary}});
  post("/task", R"({"A":"[[4]]","B":"[[5]]"})");
  const http::Response next = post("/task/1/result?next=1", frame(Matrix{{6}}),
                                   {{"Content-Type", kBinary}, {"Accept", kBinary}});
  EXPECT_EQ(next.body, frame(Matrix{{4}}) + frame(Matrix{{5}}));
  EXPECT_EQ(header(next, "Enxame-Task"), "2");
}

TEST_F(RoutesTest, HandsOutNoTaskWithARefusal) {
  submit_and_claim();
  post("/task", kTask);
  EXPECT_EQ(post("/task/7/result?workerId=w1&next=1", kProduct).status, 404);
  EXPECT_EQ(post("/task/1/result?workerId=w2&next=1", kProduct).status, 409);
  EXPECT_EQ(post("/task/1/result?workerId=w1&next=1", R"({"result":"[[1]]"})").status, 400);
  EXPECT_THAT(get("/result/2").body, HasSubstr("pending"));
}

TEST_F(RoutesTest, TranslatesBetweenCodecs) {
  submit_and_claim(frame(Matrix{{2}}) + frame(Matrix{{3}}), {{"Content-Type", kBinary}});
  post("/task/1/result", R"({"result":"[[6]]"})");
  EXPECT_EQ(get("/result/1", {{"Accept", kBinary}}).body, frame(Matrix{{6}}));
  post("/task", R"({"A":"[[2]]","B":"[[3]]"})");
  EXPECT_EQ(get("/task/next", {{"Accept", kBinary}}).body, frame(Matrix{{2}}) + frame(Matrix{{3}}));
}

TEST_F(RoutesTest, TakesOnlyTasksThatEveryWorkerCanBeGiven) {
  const Matrix nan{{std::numeric_limits<double>::quiet_NaN()}};
  const http::Response refused =
      post("/task", frame(nan) + frame(nan), {{"Content-Type", kBinary}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("A: the element in row 1, column 1 is nan"));
}

TEST_F(RoutesTest, AProductThatOverflowsFailsTheTaskWhoeverComputesIt) {
  for (const TaskId id : {1, 2}) {
    submit_and_claim(R"({"A":"[[1e308]]","B":"[[1e308]]"})");
    const std::string path = "/task/" + std::to_string(id) + "/result?workerId=w1";
    const http::Response answer =
        id == 1 ? post(path, frame(Matrix{{std::numeric_limits<double>::infinity()}}),
                       {{"Content-Type", kBinary}})
                : post(path, R"({"refused":"the product cannot be written as JSON"})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"taskId":)" + std::to_string(id) + R"(,"status":"failed"})");
    EXPECT_THAT(get("/result/" + std::to_string(id)).body, HasSubstr("\"failed\""));
  }
  EXPECT_THAT(get("/result/1").body,
              HasSubstr("the product overflows: the element in row 1, column 1 is inf"));
}

TEST_F(RoutesTest, ComputesSinglePrecisionAsDoubleWhoeverTakesIt) {
  const std::string task = frame(MatrixF32{{0.5f}}) + frame(MatrixF32{{3}});
  for (const char* codec : {kBinary, "application/json"}) {
    post("/task", task, {{"Content-Type", kBinary}});
    const std::string body = get("/task/next", {{"Accept", codec}}).body;
    if (codec == kBinary) {
      EXPECT_EQ(body, frame(Matrix{{0.5}}) + frame(Matrix{{3}}));
    } else {
      EXPECT_THAT(body, HasSubstr(R"({"A":"[[0.5]]","B":"[[3]]"})"));
    }
  }
}

TEST_F(RoutesTest, RefusesATaskWhoseProductNoWorkerMayReturn) {
  const auto outer = [&](int n) {
    std::string a = "[[1]";
    std::string b = "[[1";
    for (int i = 1; i < n; ++i) {
      a += ",[1]";
      b += ",1";
    }
    return post("/task", R"({"A":")" + a + R"(]","B":")" + b + R"(]]"})");
  };
  const http::Response refused = outer(70);
  EXPECT_EQ(refused.status, 413);
  EXPECT_THAT(refused.body, HasSubstr("70 × 70"));
  EXPECT_THAT(refused.body, HasSubstr("--max-body"));
  EXPECT_EQ(outer(10).status, 200);
}

TEST_F(RoutesTest, AResultNamesItsLeaseWhereTheClaimSaidMoreThanTheOriginalsWords) {
  for (const char* query : {"&wait=1", "&operands=digest"}) {
    post("/task", kTask);
    const http::Response task =
        get(std::string("/task/next?workerId=w1") + query, {{"Accept", kBinary}});
    const std::string path = "/task/" + header(task, "Enxame-Task") + "/result";
    for (const char* body : {kProduct, R"({"error":"x"})", R"({"refused":"x"})", "nonsense"}) {
      const http::Response refused = post(path, body);
      EXPECT_EQ(refused.status, 409);
      EXPECT_THAT(refused.body, HasSubstr("lease"));
    }
    EXPECT_EQ(post(path + "?lease=" + header(task, "Enxame-Lease"), kProduct).status, 200);
  }
}

TEST_F(RoutesTest, LeavesTheResultOutWhenAskedTo) {
  submit_and_claim();
  const http::Headers prefer{{"Prefer", "return=minimal"}};
  EXPECT_EQ(post("/task/1/result", kProduct, prefer).body, R"({"taskId":1,"status":"completed"})");
  EXPECT_EQ(post("/task/1/result", kProduct, prefer).body, R"({"taskId":1,"status":"completed"})");
}

TEST_F(RoutesTest, AnswersASecondResultWithTheFirst) {
  submit_and_claim();
  post("/task/1/result", kProduct);
  for (const char* again : {kProduct, R"({"error":"x"})", "nonsense"}) {
    const http::Response response = post("/task/1/result", again);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, R"({"taskId":1,"status":"completed","result":"[[19,22],[43,50]]"})");
  }
  EXPECT_EQ(post("/task/1/result", R"({"result":"[[1,1],[1,1]]"})").status, 409);
}

TEST_F(RoutesTest, ATaskThatAWorkerRefusesHasFailed) {
  submit_and_claim();
  const http::Response response = post("/task/1/result", R"({"refused":"too \"odd\""})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"taskId":1,"status":"failed"})");
  EXPECT_EQ(get("/result/1").body,
            R"({"taskId":1,"status":"failed","result":"","error":"too \"odd\""})");
  EXPECT_EQ(post("/task/1/result", kProduct).status, 409);
}

TEST_F(RoutesTest, ATaskThatAWorkerCannotComputeGoesToAnother) {
  submit_and_claim();
  const char* const excuse = R"({"error":"this worker's memory is too small"})";
  EXPECT_EQ(post("/task/1/result", excuse).body, R"({"taskId":1,"status":"pending"})");
  get("/task/next?workerId=w2");
  EXPECT_EQ(post("/task/1/result", kProduct).status, 200);
  EXPECT_THAT(get("/result/1").body, HasSubstr("\"completed\""));

  post("/task", kTask);
  for (int attempt = 0; attempt < 3; ++attempt) {
    get("/task/next?workerId=w1");
    post("/task/2/result", excuse);
  }
  EXPECT_THAT(get("/result/2").body,
              HasSubstr("after 3 attempts; the last: the worker has failed: this worker's memory"));
}

TEST_F(RoutesTest, WhateverIsWrongWithItsHoldersAnswerATaskGoesBackAtOnce) {
  post("/task", kTask);
  const auto answer = [&](int status, const std::string& body, const http::Headers& headers) {
    get("/task/next?workerId=w1");
    EXPECT_EQ(post("/task/1/result?workerId=w1", body, headers).status, status);
  };
  const auto expect_pending = [&] {
    EXPECT_EQ(get("/result/1").body, R"({"taskId":1,"status":"pending","result":""})");
  };
  answer(400, kProduct, {{"Enxame-Timing", "compute;dur=soon"}});
  expect_pending();
  answer(415, kProduct, {{"Content-Type", "image/png"}});
  expect_pending();
  get("/task/next?workerId=w1");
  EXPECT_EQ(post("/task/1/result?workerId=w1&next=2", kProduct).status, 400);
  EXPECT_THAT(get("/result/1").body, HasSubstr("after 3 attempts"));
}

TEST_F(RoutesTest, PutsATaskBackWhoseProductIsNone) {
  submit_and_claim();
  const http::Response wrong = post("/task/1/result?workerId=w1", R"({"result":"[[19,22]]"})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("1 × 2, expected 2 × 2"));
  EXPECT_THAT(get("/result/1").body, HasSubstr("pending"));
  get("/task/next");
  EXPECT_EQ(post("/task/1/result", "{}").status, 400);
  get("/task/next");
  EXPECT_EQ(post("/task/1/result", "[[19,22],[43,50]]").status, 400);
  EXPECT_THAT(get("/result/1").body, HasSubstr("after 3 attempts"));
}

TEST_F(RoutesTest, TakesBackATaskWhoseClaimantIsGone) {
  post("/task", kTask);
  api_.set_peer_connected(false);
  EXPECT_EQ(get("/task/next?workerId=w1").status, 204);
  EXPECT_THAT(get("/result/1").body, HasSubstr("pending"));
  api_.set_peer_connected(true);
  const http::Response given = get("/task/next?workerId=w1");
  given.after_write(false);
  EXPECT_THAT(get("/result/1").body, HasSubstr("pending"));
  const http::Response again = get("/task/next?workerId=w1");
  EXPECT_EQ(again.status, 200);
  again.after_write(true);
  EXPECT_THAT(get("/result/1").body, HasSubstr("processing"));
}

TEST_F(RoutesTest, RefusesMistakesWithTheRightStatus) {
  submit_and_claim();
  const auto expect = [](int status, const http::Response& response, const char* reason) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_THAT(response.body, StartsWith("{\"error\":\"")) << response.body;
    EXPECT_THAT(response.body, HasSubstr(reason));
  };
  expect(400, post("/task", ""), "found nothing");
  expect(400, post("/task", "[1]"), "found an array");
  expect(400, post("/task", R"({"A":"[[1]]"})"), "missing");
  expect(400, post("/task", R"({"A":"[[1,2],[3]]","B":"[[1]]"})"), "A: ");
  expect(400, post("/task", R"({"A":"[[1]]","B":"[[1],[2]]"})"), "2 × 1");
  expect(400, post("/task", kTask, {{"Content-Type", kBinary}}), "frame");
  expect(415, post("/task", kTask, {{"Content-Type", "image/png"}}), "image/png");
  expect(400, get("/task/next?workerId="), "workerId");
  expect(400, get("/task/next?workerId=%0d%0ax"), "workerId");
  expect(400, get("/task/next?wait=60001"), "60001");
  expect(400, get("/result/x"), "number");
  expect(404, get("/result/2"), "no task 2");
  expect(404, get("/result/18446744073709551616"), "no task");
  expect(400, get("/result/1?wait=-1"), "wait");
  expect(404, post("/task/2/result", kProduct), "no task 2");
  expect(400, post("/task/-1/result", kProduct), "number");
  expect(409, post("/task/1/result?workerId=w2", kProduct), "held by");
  expect(404, get("/"), "nothing");
  expect(404, get("/tasks/1"), "nothing");
  expect(404, get("/result/1//"), "nothing");
  expect(404, get("/task/1/result/2"), "nothing");
  expect(400, get("/workers?count=x"), "count");
  // None of these has touched the task that w1 holds.
  EXPECT_EQ(post("/task/1/result?workerId=w1", kProduct).status, 200);
  post("/task", kTask);
  expect(409, post("/task/2/result", kProduct), "not held by any worker");
}

TEST_F(RoutesTest, SaysWhichMethodsAPathTakes) {
  const auto allowed = [&](const char* method, const char* path) {
    const http::Response response = ask(method, path);
    EXPECT_EQ(response.status, 405) << method << path;
    return header(response, "Allow");
  };
  EXPECT_EQ(allowed("GET", "/task"), "POST, OPTIONS");
  EXPECT_EQ(allowed("POST", "/task/next"), "GET, OPTIONS");
  EXPECT_EQ(allowed("HEAD", "/task/next"), "GET, OPTIONS");
  EXPECT_EQ(allowed("DELETE", "/result/1"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(allowed("PUT", "/task/1/result"), "POST, OPTIONS");
  EXPECT_EQ(allowed("PUT", "/task/1"), "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(ask("HEAD", "/stats").status, 200);
}

TEST_F(RoutesTest, AnswersPreflightsOfEveryPath) {
  for (const char* path : {"*", "/task", "/task/1/result", "/nowhere"}) {
    const http::Response response = ask("OPTIONS", path);
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(header(response, "Allow"), HasSubstr("POST"));
  }
}

TEST_F(RoutesTest, ListsWorkers) {
  get("/task/next?workerId=w2");
  submit_and_claim();
  const std::string body = get("/workers?count=2").body;
  EXPECT_THAT(body, StartsWith(R"({"workers":[{"workerId":"w1","state":"working","lastSeenMs":)"));
  EXPECT_THAT(
      body, HasSubstr(R"(,"completed":0,"failed":0,"engine":"","kernel":"","admission":"admitted",)"
                      R"("reason":""},{"workerId":"w2","state":"asking","lastSeenMs":)"));
  EXPECT_THAT(body, testing::EndsWith(R"("reason":""}]})"));
}

TEST_F(RoutesTest, RefusesTasksForWhichThereIsNoRoom) {
  std::string row(6'000, '1');
  for (std::size_t i = 1; i < row.size(); i += 2) row[i] = ',';
  row.pop_back();
  const std::string task = R"({"A":"[[1]]","B":"[[)" + row + R"(]]"})";
  EXPECT_EQ(post("/task", task).status, 200);
  EXPECT_EQ(post("/task", task).status, 200);
  EXPECT_EQ(post("/task", task).status, 200);
  const http::Response full = post("/task", task);
  EXPECT_EQ(full.status, 429);
  EXPECT_EQ(header(full, "Retry-After"), "1");
  EXPECT_THAT(full.body, StartsWith("{\"error\":"));
}

}  // namespace
}  // namespace enxame::coordinator
