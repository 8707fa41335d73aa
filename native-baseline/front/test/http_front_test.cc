#include "native-baseline/front/http_front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <new>

#include "http/client/client.h"
#include "metrics/test/page.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/test/support.h"
#include "wire/product_timing.h"

namespace enxame::native {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// A front on a port of its own, and a client that speaks to it.
class Front {
 public:
  explicit Front(Matmul& matmul, FrontBounds bounds = {})
      : server_(front_options({.max_body_bytes = 4096, .observer = &metrics_.observer()}),
                matmul_front(matmul, metrics_, bounds)),
        client_({"127.0.0.1", server_.port()}) {}

  http::Reply send(const std::string& method, const std::string& target, std::string body = "",
                   http::Headers headers = {}) {
    http::Call call;
    call.headers = std::move(headers);
    call.method = method;
    call.target = target;
    if (!body.empty()) call.content_type = "application/json";
    call.body = std::move(body);
    return client_.send(call);
  }

  http::Reply multiply(std::string body) { return send("POST", "/matmul", std::move(body)); }

 private:
  FrontMetrics metrics_;
  http::Server server_;
  http::Client client_;
};

const std::string kTask = R"({"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"})";

class HttpFrontTest : public ::testing::Test {
 protected:
  PlainMatmul matmul;
  Front front{matmul};
};

TEST_F(HttpFrontTest, AnswersAsTheOriginalSystem) {
  const http::Reply reply = front.multiply(kTask);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "[[19,22],[43,50]]");
  EXPECT_EQ(reply.header("Content-Type"), "application/json");
}

TEST_F(HttpFrontTest, AnswersPagesOfThisMachineOnly) {
  const auto status_for = [&](const std::string& origin) {
    return front.send("GET", "/health", "", {{"Origin", origin}}).status;
  };
  EXPECT_EQ(status_for("http://localhost:8081"), 200);
  EXPECT_EQ(status_for("http://evil.example"), 403);
}

TEST_F(HttpFrontTest, NamesNoWorkerWhereItComputesItself) {
  const http::Reply reply = front.multiply(kTask);
  EXPECT_EQ(reply.header("Enxame-Worker"), "");
  EXPECT_THAT(std::string(reply.header("Server-Timing")), HasSubstr("accepted;dur="));
}

TEST_F(HttpFrontTest, PagesMayReadWhatItTells) {
  const http::Reply reply = front.send("GET", "/health", "", {{"Origin", "http://localhost:8081"}});
  EXPECT_EQ(reply.header("Access-Control-Expose-Headers"), "Enxame-Worker, Server-Timing");
}

TEST_F(HttpFrontTest, KeepsFractions) {
  EXPECT_EQ(front.multiply(R"({"B":"[[0.5]]","A":"[[1],[3]]","more":1})").body, "[[0.5],[1.5]]");
}

TEST_F(HttpFrontTest, SaysWhatIsWrongWithABody) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", R"(found nothing; a body is such as {\"A\":)"},
      {"{", "found the end"},
      {"[1]", "found an array"},
      {kTask + "x", "expected nothing more at byte 41, found 'x'"},
      {kTask + std::string(1, '\0'), "found byte value 0"},
      {kTask + '\0' + kTask, "found byte value 0"},
      {"\xEF\xBB\xBF" + kTask, "a byte order mark"},
      {R"({"A":"[[1]]","A":"[[2]]","B":"[[3]]"})", R"(\"A\" is repeated)"},
      {R"({"A":"[[1]]","B":"[[3]]","\u0041":"[[2]]"})", R"(\"A\" is repeated)"},
      {"{\"A\":\"\xff\",\"B\":\"[[1]]\"}", "expected UTF-8"},
      {R"({"A":"\ud800","B":"[[1]]"})", "surrogate"},
      {R"({"A":"[[1]]"})", R"(\"B\" is missing)"},
      {R"({"A":[[1]],"B":[[1]]})", R"(put it in quotes, as in \"A\":\"[[1,2],[3,4]]\")"},
      {R"({"A":"[[1]]","B":null})", R"(\"B\" is null)"},
      {R"({"x":)" + std::string(2000, '['), "no more than 64 levels"},
      {R"({"A":"[[1,2],[3]]","B":"[[1]]"})", R"(\"A\": )"},
      {R"({"A":"[[1]]","B":"[[1e999]]"})", R"(\"B\": )"},
      {R"({"A":"[[1]]","B":"[[1]] "x"})", "expected '}'"},
      {R"({"A":"[[1,2]]","B":"[[1,2]]"})", "1 × 2"},
      {R"({"A":"[[1e300]]","B":"[[1e300]]"})", "the product has no text"}};
  for (const auto& [body, reason] : cases) {
    const http::Reply reply = front.multiply(body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_THAT(reply.body, AllOf(HasSubstr("{\"error\":"), HasSubstr(reason))) << body;
  }
  EXPECT_EQ(front.multiply(kTask).status, 200);
}

TEST_F(HttpFrontTest, ABodyOverTheLimitIsRefused) {
  EXPECT_EQ(front.multiply(std::string(5000, ' ') + kTask).status, 413);
}

TEST(HttpFrontBoundsTest, AProductBeyondTheBoundIsRefusedBeforeItIsComputed) {
  PlainMatmul matmul;
  Front front(matmul, {.max_product_bytes = 110});
  EXPECT_EQ(front.multiply(kTask).status, 200);
  const http::Reply reply = front.multiply(R"({"A":"[[1],[2],[3]]","B":"[[1,2,3]]"})");
  EXPECT_EQ(reply.status, 413);
  EXPECT_THAT(reply.body,
              AllOf(HasSubstr("3 × 3"), HasSubstr("at most 110"), HasSubstr("--max-product")));
}

TEST(HttpFrontBoundsTest, RequestsAtTheSameTimeAreBoundedTogether) {
  HeldMatmul held;
  Front front(held, {.max_memory_bytes = 800});
  auto first = std::async(std::launch::async, [&] { return front.multiply(kTask); });
  held.wait_begun(1);
  const http::Reply busy = front.multiply(kTask);
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.header("Retry-After"), "1");
  EXPECT_EQ(std::ranges::count(busy.headers, "Retry-After", &http::Headers::value_type::first), 1);
  EXPECT_THAT(busy.body, HasSubstr("try again later"));
  held.release();
  EXPECT_EQ(first.get().status, 200);
  EXPECT_EQ(front.multiply(kTask).status, 200);
}

TEST(HttpFrontBoundsTest, ARequestThatNeedsMoreThanAllMemoryIsTooLarge) {
  PlainMatmul matmul;
  Front front(matmul, {.max_memory_bytes = 100});
  const http::Reply reply = front.multiply(kTask);
  EXPECT_EQ(reply.status, 413);
  EXPECT_THAT(reply.body, HasSubstr("--max-memory"));
}

/// Has no memory, as the system may not.
class OutOfMemory : public PlainMatmul {
 public:
  Product multiply(const Matrix&, const Matrix&) override { throw std::bad_alloc(); }
};

TEST(HttpFrontBoundsTest, OutOfMemoryIsToldAsBusy) {
  OutOfMemory matmul;
  Front front(matmul);
  const http::Reply reply = front.multiply(kTask);
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.header("Retry-After"), "1");
}

TEST_F(HttpFrontTest, TellsPrometheusOfItsRequestsAndPhases) {
  const http::Reply before = front.send("GET", "/metrics");
  EXPECT_EQ(before.status, 200);
  EXPECT_EQ(metrics::value_of(before.body, "enxame_task_phase_seconds_count{phase=\"compute\"}"),
            0);
  front.multiply(kTask);
  front.multiply("{");
  const std::string page = front.send("GET", "/metrics").body;
  EXPECT_EQ(metrics::value_of(page, "enxame_task_phase_seconds_count{phase=\"compute\"}"), 1);
  const std::string requests = "enxame_http_request_seconds_count{route=\"/matmul\",";
  EXPECT_EQ(metrics::value_of(page, requests + "status=\"2xx\"}"), 1);
  EXPECT_EQ(metrics::value_of(page, requests + "status=\"4xx\"}"), 1);
  EXPECT_EQ(front.send("POST", "/metrics", "{}").header("Allow"), "GET, OPTIONS");
}

TEST_F(HttpFrontTest, KnowsItsPathsAndMethods) {
  EXPECT_EQ(front.send("GET", "/health").status, 200);
  EXPECT_EQ(front.send("OPTIONS", "/matmul").status, 200);
  EXPECT_EQ(front.send("OPTIONS", "/matmul").header("Access-Control-Allow-Methods"),
            "GET, POST, OPTIONS");
  const http::Reply get = front.send("GET", "/matmul");
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.header("Allow"), "POST, OPTIONS");
  EXPECT_EQ(front.send("POST", "/health", "{}").header("Allow"), "GET, OPTIONS");
  const http::Reply unknown = front.send("POST", "/task", kTask);
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, HasSubstr("/task"));
}

TEST(DistributedHttpFrontTest, MultipliesOnWorkers) {
  TestWorker worker;
  MatmulProxy proxy({worker.address()});
  EXPECT_EQ(Front(proxy).multiply(kTask).body, "[[19,22],[43,50]]");
}

TEST(DistributedHttpFrontTest, TellsWhoComputedAndWhereTheTimeWentWithoutAGap) {
  TestWorker worker;
  MatmulProxy proxy({worker.address()});
  Front front(proxy);
  const http::Reply reply = front.multiply(kTask);
  EXPECT_EQ(reply.body, "[[19,22],[43,50]]");
  EXPECT_EQ(reply.header("Enxame-Worker"), to_string(worker.address()));
  const auto timing = wire::rest::parse_product_timing(reply.header("Server-Timing"));
  EXPECT_GT(timing.asked_at, 0ns);
  EXPECT_GT(timing.accepted_at, timing.asked_at);
  EXPECT_GT(timing.phases.worker.compute, 0ns);
  EXPECT_EQ(timing.finished_at - timing.accepted_at, timing.phases.total());
  EXPECT_GT(timing.collect, 0ns);
}

TEST(DistributedHttpFrontTest, NamesWorkersThatAreGone) {
  const rpc::WorkerAddress gone = refusing_address();
  MatmulProxy proxy({gone});
  const http::Reply reply = Front(proxy).multiply(kTask);
  EXPECT_EQ(reply.status, 502);
  EXPECT_THAT(reply.body, HasSubstr(to_string(gone)));
}

TEST(DistributedHttpFrontTest, NamesWorkersThatAreSlow) {
  FakeWorker silent([](auto& socket) { read_all(socket); });
  MatmulProxy proxy({silent.address()}, {.call_timeout = 50ms});
  const http::Reply reply = Front(proxy).multiply(kTask);
  EXPECT_EQ(reply.status, 504);
  EXPECT_THAT(reply.body, HasSubstr(to_string(silent.address())));
}

TEST(DistributedHttpFrontTest, WhatAWorkerRefusesIsTheClientsFault) {
  rpc::WorkerServerOptions small;
  small.max_payload_bytes = 400;
  TestWorker worker(small);
  MatmulProxy proxy({worker.address()});
  const http::Reply reply =
      Front(proxy).multiply(R"({"A":"[[1],[2],[3],[4],[5],[6],[7]]","B":"[[1,2,3,4,5,6,7]]"})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("refuses"));
}

}  // namespace
}  // namespace enxame::native
