#include "coordinator/client/coordinator_matmul.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "coordinator/rest/test/api_server.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "matmul/test/example.h"
#include "testing/eventually.h"
#include "testing/scratch.h"

namespace enxame::coordinator {
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

Duration clock_reading() { return std::chrono::steady_clock::now().time_since_epoch(); }

/// A worker over REST, in as few words as there can be, which takes `pace` over each task.
class TestWorker {
 public:
  TestWorker(const std::string& url, std::string id, milliseconds pace = milliseconds(0))
      : client_(http::Origin::parse(url)),
        id_(std::move(id)),
        pace_(pace),
        thread_([this] { work(); }) {}
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
      const Duration received_at = clock_reading();
      std::this_thread::sleep_for(pace_);
      std::string_view frames = task.body;
      const Matrix a = take_frame<double>(frames);
      const Matrix b = take_frame<double>(frames);
      http::Call result{.method = "POST",
                        .target = "/task/" + std::string(task.header("Enxame-Task")) +
                                  "/result?workerId=" + id_ +
                                  "&lease=" + std::string(task.header("Enxame-Lease")),
                        .headers = {{"Prefer", "return=minimal"}},
                        .content_type = "application/octet-stream"};
      append_frame(multiply(a, b), result.body);
      using std::chrono::microseconds;
      result.headers.emplace_back(
          "Enxame-Timing",
          to_server_timing(
              WorkerPhases{microseconds(1), microseconds(2), {}, received_at, clock_reading()}));
      client_.send(result);
    }
  }

  http::Client client_;
  std::string id_;
  milliseconds pace_;
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
    for (const Duration each :
         {phases.submit, phases.queue, phases.dispatch, phases.return_trip, phases.collect}) {
      EXPECT_GT(each, Duration::zero());
      EXPECT_LT(each, taken);
    }
  }
}

TEST_P(CoordinatorMatmulTest, ThePhasesAddUpToTheTimeThatTheCallerSees) {
  for (const milliseconds pace : {milliseconds(0), milliseconds(20)}) {
    ApiServer server;
    TestWorker worker(server.url(), "w1", pace);
    CoordinatorMatmul matmul(server.url(), GetParam());
    const Matrix a = random_matrix<double>({30, 30}, 1);
    double best_share = 0;
    // In the best of many, whatever else the machine does between one phase and the next.
    for (int i = 0; i < 20 || (i < 2000 && best_share <= 0.99); ++i) {
      const Duration start = clock_reading();
      const Phases phases = matmul.multiply(a, a).phases;
      const Duration seen = clock_reading() - start;
      EXPECT_LE(phases.total(), seen);
      EXPECT_LE(2 * phases.clock_error, seen);
      best_share = std::max(best_share, static_cast<double>(phases.total().count()) /
                                            static_cast<double>(seen.count()));
    }
    EXPECT_GT(best_share, 0.99);
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
  ApiServer server({.http = {.connections = http::Connections::per_request}});
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

/// What a coordinator accepted that is gone is still known to the one that has its journal now.
TEST(CoordinatorMatmul, RepeatsWhatWasNotAnswered) {
  const Scratch scratch;
  const auto begin = [&](std::uint16_t port) {
    return std::make_unique<ApiServer>(
        CoordinatorOptions{.http = {.port = port}, .journal = {.folder = scratch.path()}});
  };
  auto coordinator = begin(0);
  const std::uint16_t port = coordinator->port();
  CoordinatorMatmul client(coordinator->url(), Codec::binary,
                           {.timeout = std::chrono::milliseconds(20'000), .repeats = true});
  auto product = std::async(std::launch::async, [&] { return client.multiply(kA, kB).matrix; });
  eventually([&] { return coordinator->broker().stats().queued == 1; });
  coordinator.reset();
  coordinator = begin(port);
  EXPECT_EQ(coordinator->restored(), 1u);
  const TestWorker worker(coordinator->url(), "w1");
  EXPECT_EQ(product.get(), kC);
  EXPECT_EQ(coordinator->broker().stats().total, 1u) << "no second task";
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
    const auto claim = server.broker().claim("w1", milliseconds(20'000), [] { return true; });
    server.broker().fail(*claim, "no memory");
  });
  CoordinatorMatmul matmul(server.url(), Codec::binary);
  EXPECT_THAT(failure_of(matmul), HasSubstr("the task has failed: no memory"));
  worker.join();
}

/// What a coordinator whose clock is five hours ahead says of a task, of which nothing is known but
/// that it was accepted and finished at once, at `accepted_at`, and asked for at `asked_at`.
http::Response answer_of_another_clock(Duration accepted_at, Duration asked_at) {
  const Duration ahead = std::chrono::hours(5);
  const std::vector<NamedDuration> timing{{"accepted", accepted_at + ahead},
                                          {"asked", asked_at + ahead},
                                          {"finished", accepted_at + ahead},
                                          {"collect", clock_reading() - accepted_at}};
  return {.body = R"({"status":"completed","result":"[[1]]"})",
          .headers = {{"Server-Timing", to_server_timing(timing)}}};
}

TEST(CoordinatorMatmul, TellsSubmitAndCollectApartWhateverTheCoordinatorsClockShows) {
  constexpr milliseconds kHold{30};
  int tasks = 0;
  Duration accepted_at{};
  http::Server server({}, [&](http::Request& request) -> http::Response {
    const Duration asked_at = clock_reading();
    if (request.path == "/task") {
      ++tasks;
      if (tasks == 2) std::this_thread::sleep_for(kHold);  // time is what is tested
      accepted_at = clock_reading();
      return {.body = R"({"taskId":1})"};
    }
    if (tasks == 3) std::this_thread::sleep_for(kHold);
    return answer_of_another_clock(accepted_at, asked_at);
  });
  CoordinatorMatmul matmul("http://127.0.0.1:" + std::to_string(server.port()), Codec::json);
  const Matrix one{{1}};
  const Duration first_error = matmul.multiply(one, one).phases.clock_error;
  const Phases late_to_accept = matmul.multiply(one, one).phases;
  EXPECT_GE(late_to_accept.submit + late_to_accept.clock_error, kHold);
  EXPECT_LE(late_to_accept.clock_error, first_error);
  const Phases late_to_tell = matmul.multiply(one, one).phases;
  EXPECT_GE(late_to_tell.collect + late_to_tell.clock_error, kHold);
  EXPECT_EQ(late_to_tell.queue, Duration::zero());
}

TEST(CoordinatorMatmul, HasTheTimeOfItsOwnExchangesFromACoordinatorThatTellsNone) {
  http::Server server({}, [](http::Request& request) -> http::Response {
    if (request.path == "/task") return {.body = R"({"taskId":1})"};
    return {.body = R"({"status":"completed","result":"[[1]]"})"};
  });
  CoordinatorMatmul matmul("http://127.0.0.1:" + std::to_string(server.port()), Codec::json);
  const Phases phases = matmul.multiply(Matrix{{1}}, Matrix{{1}}).phases;
  EXPECT_GT(phases.submit, Duration::zero());
  EXPECT_GT(phases.collect, Duration::zero());
  EXPECT_EQ(phases.total(), phases.submit + phases.collect);
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
              AllOf(HasSubstr("POST /task"), HasSubstr("503: no room")));
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
}  // namespace enxame::coordinator
