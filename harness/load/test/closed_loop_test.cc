#include "harness/load/closed_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <vector>

namespace enxame::load {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// A system whose answer is any function of the problem, and which notes how many requests it holds
/// at once.
class ScriptedMatmul : public Matmul {
 public:
  using Script = std::function<Product(const Matrix&, const Matrix&, int request)>;

  explicit ScriptedMatmul(Script script) : script_(std::move(script)) {}

  Product multiply(const Matrix& a, const Matrix& b) override {
    const int now = ++held_;
    for (int seen = most_held_; seen < now && !most_held_.compare_exchange_weak(seen, now);) {
    }
    struct Leave {
      std::atomic<int>& held;
      ~Leave() { --held; }
    } leave{held_};
    return script_(a, b, requests_++);
  }

  int requests() const { return requests_; }
  int most_held() const { return most_held_; }

 private:
  Script script_;
  std::atomic<int> requests_{0};
  std::atomic<int> held_{0};
  std::atomic<int> most_held_{0};
};

Matrix textbook_product(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows(), b.cols());
  for (std::size_t i = 0; i < c.rows(); ++i) {
    for (std::size_t j = 0; j < c.cols(); ++j) {
      for (std::size_t k = 0; k < a.cols(); ++k) c(i, j) += a(i, k) * b(k, j);
    }
  }
  return c;
}

Product right_answer(const Matrix& a, const Matrix& b, int) {
  Product product{.matrix = textbook_product(a, b), .phases = {}, .worker = "w1"};
  product.phases.worker.compute = 1ms;
  return product;
}

class ClosedLoop : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  ClosedLoopResult run(Matmul& system, const ClosedLoopOptions& options) {
    SampleLog log(path_.string());
    return run_closed_loop(system, workload_, options, log,
                           [this](const Progress&) { ++reports_; });
  }

  std::vector<std::string> rows() const {
    std::ifstream file(path_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  std::size_t rows_with(std::string_view text) const {
    const auto lines = rows();
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(),
                      [&](const auto& line) { return line.find(text) != std::string::npos; }));
  }

  const Workload workload_{4, 1};
  const std::filesystem::path path_ =
      std::filesystem::temp_directory_path() /
      ("enxame-samples-" + std::to_string(::getpid()) + "-" +
       ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv");
  int reports_ = 0;
};

constexpr ClosedLoopOptions kShort{
    .in_flight = 3, .workers = 1, .duration = 50ms, .warm_up_limit = 5000ms};

TEST_F(ClosedLoop, WritesARowForEveryRequest) {
  ScriptedMatmul system(right_answer);
  const ClosedLoopResult result = run(system, kShort);
  EXPECT_EQ(rows().size(), static_cast<std::size_t>(system.requests()) + 1);
  EXPECT_EQ(rows_with(",measured,"), result.samples);
  EXPECT_EQ(rows_with(",warm-up,"), result.warm_up_samples);
  EXPECT_GT(result.samples, 0u);
  EXPECT_EQ(result.wrong, 0u);
  EXPECT_EQ(result.errors, 0u);
  EXPECT_TRUE(result.steady);
  EXPECT_EQ(result.measured, 50ms);
}

TEST_F(ClosedLoop, KeepsExactlyTheAskedNumberInFlight) {
  std::barrier together(3);  // passes only while three requests are inside at once
  std::atomic<int> meetings{0};
  ScriptedMatmul system([&](const Matrix& a, const Matrix& b, int request) {
    if (request < 30) {
      together.arrive_and_wait();
      ++meetings;
    }
    return right_answer(a, b, request);
  });
  run(system, kShort);
  EXPECT_EQ(meetings, 30);
  EXPECT_EQ(system.most_held(), 3);
}

TEST_F(ClosedLoop, MarksAWrongProductAndGoesOn) {
  ScriptedMatmul system([](const Matrix& a, const Matrix& b, int request) {
    Product product = right_answer(a, b, request);
    if (request == 7) product.matrix(1, 2) += 0.5;
    return product;
  });
  const ClosedLoopResult result = run(system, kShort);
  EXPECT_EQ(result.wrong, 1u);
  EXPECT_EQ(rows_with(",wrong,"), 1u);
  EXPECT_EQ(rows_with("element (1, 2) is"), 1u);
  EXPECT_GT(result.samples, 0u);
}

TEST_F(ClosedLoop, GivesUpWhenRequestsKeepFailing) {
  ScriptedMatmul system([](const Matrix&, const Matrix&, int) -> Product {
    throw std::runtime_error("worker 127.0.0.1:1 said, \"no\"");
  });
  ClosedLoopOptions options = kShort;
  options.max_errors = 10;
  const ClosedLoopResult result = run(system, options);
  EXPECT_TRUE(result.gave_up);
  EXPECT_FALSE(result.steady);
  EXPECT_GE(result.errors, 10u);
  EXPECT_LT(result.errors, 10u + options.in_flight);
  EXPECT_EQ(rows_with(",error,\"worker 127.0.0.1:1 said, \"\"no\"\"\""), result.errors);
}

TEST_F(ClosedLoop, MeasuresAtTheLimitWhenNotSteady) {
  ScriptedMatmul system(right_answer);
  ClosedLoopOptions options = kShort;
  options.workers = 2;  // only one ever answers
  options.warm_up_limit = 30ms;
  const ClosedLoopResult result = run(system, options);
  EXPECT_FALSE(result.steady);
  EXPECT_GE(result.warm_up, 30ms);
  EXPECT_GT(result.samples, 0u);
}

TEST_F(ClosedLoop, ReportsProgressInLongStages) {
  ScriptedMatmul system(right_answer);
  ClosedLoopOptions options = kShort;
  options.duration = 1200ms;
  run(system, options);
  EXPECT_EQ(reports_, 2);
}

TEST_F(ClosedLoop, FailsWhenSamplesCannotBeWritten) {
  EXPECT_THROW(SampleLog("/no/such/folder/samples.csv"), std::runtime_error);
  ScriptedMatmul system(right_answer);
  SampleLog full("/dev/full");
  EXPECT_THROW(run_closed_loop(system, workload_, kShort, full, [](const Progress&) {}),
               std::runtime_error);
}

}  // namespace
}  // namespace enxame::load
