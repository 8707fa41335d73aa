#include "coordinator/client/coordinator_matmul.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>
#include <vector>

#include "coordinator/test/api_server.h"
#include "matmul/binary_codec.h"
#include "matmul/text_codec.h"

namespace enxame {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

Matrix multiply(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows(), b.cols());
  for (std::size_t i = 0; i < a.rows(); ++i) {
    for (std::size_t j = 0; j < b.cols(); ++j) {
      for (std::size_t k = 0; k < a.cols(); ++k) c(i, j) += a(i, k) * b(k, j);
    }
  }
  return c;
}

/// A worker over REST, in as few words as there can be.
class TestWorker {
 public:
  TestWorker(const std::string& url, std::string id)
      : client_(http::Origin::parse(url)), id_(std::move(id)), thread_([this] { work(); }) {}
  ~TestWorker() {
    stopping_ = true;
    thread_.join();
  }

 private:
  void work() {
    while (!stopping_) {
      const http::Reply task = client_.send({.target = "/task/next?wait=50&workerId=" + id_,
                                             .headers = {{"Accept", "application/octet-stream"}}});
      if (task.status != 200) continue;
      std::string_view frames = task.body;
      const Matrix a = take_frame<double>(frames);
      const Matrix b = take_frame<double>(frames);
      http::Call result{
          .method = "POST",
          .target = "/task/" + std::string(task.header("Enxame-Task")) + "/result?workerId=" + id_,
          .headers = {{"Enxame-Timing", "decode;dur=0.001, compute;dur=0.002"},
                      {"Prefer", "return=minimal"}},
          .content_type = "application/octet-stream"};
      append_frame(multiply(a, b), result.body);
      client_.send(result);
    }
  }

  http::Client client_;
  std::string id_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

std::string failure_of(Matmul& matmul) {
  try {
    matmul.multiply(Matrix{{1}}, Matrix{{1}});
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no failure";
}

class CoordinatorMatmulTest : public testing::TestWithParam<Codec> {};

TEST_P(CoordinatorMatmulTest, MultipliesThroughACoordinator) {
  ApiServer server;
  TestWorker worker(server.url(), "w1");
  CoordinatorMatmul matmul(server.url(), GetParam());
  for (const std::size_t n : {1u, 2u, 120u}) {
    const Matrix a = random_matrix<double>({n, n + 1}, 1);
    const Matrix b = random_matrix<double>({n + 1, n + 2}, 2);
    const auto start = std::chrono::steady_clock::now();
    const Product product = matmul.multiply(a, b);
    const Duration taken = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(product.matrix, multiply(a, b));
    EXPECT_EQ(product.worker, "w1");
    const Phases& phases = product.phases;
    EXPECT_EQ(phases.worker.decode, std::chrono::microseconds(1));
    EXPECT_EQ(phases.worker.compute, std::chrono::microseconds(2));
    for (const Duration each : {phases.submit, phases.queue, phases.transport, phases.collect}) {
      EXPECT_GT(each, Duration::zero());
      EXPECT_LT(each, taken);
    }
  }
}

TEST_P(CoordinatorMatmulTest, ServesManyThreadsAtOnce) {
  ApiServer server;
  TestWorker first(server.url(), "w1");
  TestWorker second(server.url(), "w2");
  CoordinatorMatmul matmul(server.url(), GetParam());
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    threads.emplace_back([&, seed] {
      for (int i = 0; i < 20; ++i) {
        const Matrix a = random_matrix<double>({3, 3}, seed);
        EXPECT_EQ(matmul.multiply(a, a).matrix, multiply(a, a));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(Codecs, CoordinatorMatmulTest, testing::Values(Codec::json, Codec::binary),
                         [](const auto& instance) {
                           return std::string(to_string(instance.param));
                         });

TEST(CoordinatorMatmul, PollsAndConnectsAnewAsTheOriginalsClientDoes) {
  ApiServer server;
  TestWorker worker(server.url(), "w1");
  CoordinatorMatmul matmul(server.url(), Codec::json,
                           {.collection = Collection::poll,
                            .poll_interval = milliseconds(100),
                            .http = {.connections = http::Connections::per_request}});
  const Matrix a = random_matrix<double>({3, 3}, 1);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(matmul.multiply(a, a).matrix, multiply(a, a));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(100));
}

TEST(CoordinatorMatmul, WorksWhereEveryAnswerClosesItsConnection) {
  ApiServer server({}, {.connections = http::Connections::per_request});
  TestWorker worker(server.url(), "w1");
  CoordinatorMatmul matmul(server.url(), Codec::binary);
  const Matrix a = random_matrix<double>({120, 120}, 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(matmul.multiply(a, a).matrix, multiply(a, a));
}

TEST(CoordinatorMatmul, WaitsForWorkers) {
  ApiServer server;
  CoordinatorMatmul matmul(server.url(), Codec::json, {.wait = milliseconds(20)});
  EXPECT_TRUE(matmul.wait_for_workers(1, milliseconds(50)).empty());
  TestWorker worker(server.url(), "w1");
  const auto workers = matmul.wait_for_workers(1, milliseconds(20'000));
  ASSERT_EQ(workers.size(), 1u);
  EXPECT_EQ(workers[0].id, "w1");
  EXPECT_EQ(workers[0].state, "asking");
}

TEST(CoordinatorMatmul, RefusesShapesAndUrlsAtOnce) {
  CoordinatorMatmul matmul("http://127.0.0.1:1", Codec::json);
  EXPECT_THROW(matmul.multiply(Matrix{{1, 2}}, Matrix{{1, 2}}), ShapeError);
  EXPECT_THROW(CoordinatorMatmul("localhost:8080", Codec::json), std::invalid_argument);
  EXPECT_THAT(failure_of(matmul), AllOf(HasSubstr("http://127.0.0.1:1"), HasSubstr("refused")));
}

TEST(CoordinatorMatmul, GivesUpWhenNobodyComputes) {
  ApiServer server;
  CoordinatorMatmul matmul(server.url(), Codec::json,
                           {.wait = milliseconds(20), .timeout = milliseconds(50)});
  EXPECT_THAT(failure_of(matmul), HasSubstr("is still pending after 50 ms"));
}

TEST(CoordinatorMatmul, PassesOnWhyATaskHasFailed) {
  ApiServer server;
  std::thread worker([&] {
    const auto claim = server.store().claim("w1", milliseconds(20'000), [] { return true; });
    server.store().fail(claim->id, "w1", "no memory");
  });
  CoordinatorMatmul matmul(server.url(), Codec::binary);
  EXPECT_THAT(failure_of(matmul), HasSubstr("task 1 has failed: no memory"));
  worker.join();
}

/// Answers the submission and the question for the result with what a test says.
std::string failure_with(http::Response to_submit, http::Response to_result) {
  http::Server server(
      {}, [&](http::Request& request) { return request.path == "/task" ? to_submit : to_result; });
  CoordinatorMatmul matmul("http://127.0.0.1:" + std::to_string(server.port()), Codec::json);
  return failure_of(matmul);
}

TEST(CoordinatorMatmul, SaysWhatANonsensicalServerAnswered) {
  const http::Response accepted{.body = R"({"taskId":1})"};
  EXPECT_THAT(failure_with({.body = "hello"}, {}), HasSubstr("\"hello\""));
  EXPECT_THAT(failure_with({.body = R"({"taskId":"x"})"}, {}),
              HasSubstr("expected {\"taskId\":1}"));
  EXPECT_THAT(failure_with({.status = 503, .body = R"({"error":"no room"})"}, {}),
              AllOf(HasSubstr("POST /task: 503: no room")));
  EXPECT_THAT(failure_with(accepted, {.status = 404, .body = "gone"}), HasSubstr("404: \"gone\""));
  EXPECT_THAT(failure_with(accepted, {.body = "[]"}), HasSubstr("no status"));
  EXPECT_THAT(failure_with(accepted, {.body = R"({"status":"dancing"})"}), HasSubstr("dancing"));
  EXPECT_THAT(failure_with(accepted, {.body = R"({"status":"completed"})"}),
              HasSubstr("cannot be read"));
  EXPECT_THAT(failure_with(accepted, {.body = R"({"status":"completed","result":"[[1"})"}),
              HasSubstr("cannot be read"));
  EXPECT_THAT(failure_with(accepted, {.content_type = "application/octet-stream", .body = "x"}),
              HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace enxame
