#include "load/closed_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cmath>
#include <future>
#include <thread>
#include <vector>

#include "load/test/samples_file.h"
#include "load/test/scripted_matmul.h"

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

class ClosedLoop : public ::testing::Test {
 protected:
  TrialResult run(Matmul& system, const ClosedLoopOptions& options) {
    SampleLog log(samples_.path());
    return run_closed_loop(system, workload_, options, log,
                           [this](const Progress& progress) { reports_.push_back(progress); });
  }

  const Workload workload_{4, 1};
  const SamplesFile samples_;
  std::vector<Progress> reports_;
};

constexpr ClosedLoopOptions kShort{.in_flight = 3,
                                   .workers = 1,
                                   .duration = 50ms,
                                   .warm_up_limit = 5000ms,
                                   .warm_up_span = 1,
                                   .warm_up_block = 0ms};

TEST_F(ClosedLoop, WritesARowForEveryRequest) {
  ScriptedMatmul system([](const Matrix& a, const Matrix& b, int request) {
    std::this_thread::sleep_for(1ms);  // so that the warm-up has few
    return right_answer(a, b, request);
  });
  const TrialResult result = run(system, kShort);
  EXPECT_EQ(samples_.lines().size(), static_cast<std::size_t>(system.requests()) + 1);
  EXPECT_EQ(samples_.lines_with(",measured,"), result.samples);
  EXPECT_EQ(samples_.lines_with(",warm-up,"), result.warm_up_samples);
  EXPECT_EQ(result.measured, 50ms);
  EXPECT_EQ(result.wrong, 0u);
  EXPECT_EQ(result.errors, 0u);
  EXPECT_TRUE(result.steady);
}

TEST_F(ClosedLoop, KeepsExactlyTheAskedNumberInFlight) {
  std::barrier together(3);  // passes only while three requests are inside at once
  ScriptedMatmul system([&](const Matrix& a, const Matrix& b, int request) {
    if (request < 3) together.arrive_and_wait();  // the first of each client, which it makes always
    return right_answer(a, b, request);
  });
  run(system, kShort);
  EXPECT_EQ(system.most_held(), 3);
}

TEST_F(ClosedLoop, MarksAWrongProductAndGoesOn) {
  ScriptedMatmul system([](const Matrix& a, const Matrix& b, int request) {
    Product product = right_answer(a, b, request);
    if (request == 7) product.matrix(1, 2) += 0.5;
    return product;
  });
  const TrialResult result = run(system, kShort);
  EXPECT_EQ(result.wrong, 1u);
  EXPECT_EQ(samples_.lines_with(",wrong,"), 1u);
  EXPECT_EQ(samples_.lines_with("element (1, 2) is"), 1u);
  EXPECT_EQ(result.measured, 50ms);
}

TEST_F(ClosedLoop, TakesAProductOfAnotherShapeForAWrongOne) {
  ScriptedMatmul system([](const Matrix& a, const Matrix& b, int request) {
    if (request != 7) return right_answer(a, b, request);
    return Product{.matrix = Matrix(2, 3), .phases = {}, .worker = "w1"};
  });
  const TrialResult result = run(system, kShort);
  EXPECT_EQ(result.wrong, 1u);
  EXPECT_EQ(result.errors, 0u);
  EXPECT_EQ(samples_.lines_with("the product is 2 × 3, expected 4 × 4"), 1u);
}

TEST_F(ClosedLoop, GivesUpWhenRequestsKeepFailing) {
  ScriptedMatmul system([](const Matrix&, const Matrix&, int) -> Product {
    throw std::runtime_error("worker 127.0.0.1:1 said, \"no\"");
  });
  ClosedLoopOptions options = kShort;
  options.max_errors = 10;
  const TrialResult result = run(system, options);
  EXPECT_TRUE(result.gave_up);
  EXPECT_FALSE(result.steady);
  EXPECT_GE(result.errors, 10u);
  EXPECT_LT(result.errors, 10u + options.in_flight);
  EXPECT_EQ(samples_.lines_with(",error,\"worker 127.0.0.1:1 said, \"\"no\"\"\""), result.errors);
}

TEST_F(ClosedLoop, PausesAfterFailuresAndMeasuresOnWhereItMayNotGiveUp) {
  ScriptedMatmul system([](const Matrix&, const Matrix&, int) -> Product {
    throw std::runtime_error("cannot connect");
  });
  ClosedLoopOptions options = kShort;
  options.warm_up_limit = 50ms;
  options.duration = 200ms;
  options.max_errors = 0;
  const Clock::time_point began = Clock::now();
  const TrialResult result = run(system, options);
  const auto took = Clock::now() - began;
  EXPECT_FALSE(result.gave_up);
  EXPECT_EQ(result.measured, 200ms);
  // After each failure but the last a client waits for the first pause or longer.
  EXPECT_LE(result.errors, options.in_flight * static_cast<std::uint64_t>(took / 10ms + 1));
}

TEST_F(ClosedLoop, MeasuresAtTheLimitWhenNotSteady) {
  ScriptedMatmul system(right_answer);
  ClosedLoopOptions options = kShort;
  options.workers = 2;  // only one ever answers
  options.warm_up_limit = 30ms;
  const TrialResult result = run(system, options);
  EXPECT_FALSE(result.steady);
  EXPECT_GE(result.warm_up, 30ms);
  EXPECT_EQ(result.measured, 50ms);
}

TEST_F(ClosedLoop, MeasuresNoSoonerThanAskedHoweverSteady) {
  ScriptedMatmul system(right_answer);
  ClosedLoopOptions options = kShort;
  options.warm_up_least = 60ms;
  const TrialResult result = run(system, options);
  EXPECT_TRUE(result.steady);
  EXPECT_GE(result.warm_up, 60ms);
  EXPECT_EQ(result.measured, 50ms);
}

TEST_F(ClosedLoop, ClosesTheWindowWithTheMostSamples) {
  ScriptedMatmul system(right_answer);
  ClosedLoopOptions options = kShort;
  options.duration = 3'600'000ms;
  options.max_samples = 40;
  const TrialResult result = run(system, options);
  EXPECT_GE(result.samples, 40u);
  EXPECT_LT(result.samples, 40u + options.in_flight);  // others that ended at the same moment
  EXPECT_EQ(samples_.lines_with(",measured,"), result.samples);
  double last_end_ms = 0;
  for (const Row& row : samples_.rows()) {
    if (row.stage == "measured") last_end_ms = std::max(last_end_ms, row.end_ms());
  }
  const auto window_end =
      std::chrono::duration<double, std::milli>(result.warm_up + result.measured);
  constexpr double kRoundingMs = 2e-3;  // of what a row tells
  EXPECT_GE(window_end.count() + kRoundingMs, last_end_ms);
}

TEST_F(ClosedLoop, WritesTheFirstRowsOfTheWarmUpOnly) {
  ScriptedMatmul system(right_answer);
  ClosedLoopOptions options = kShort;
  options.warm_up_least = 50ms;
  options.max_samples = 40;
  const TrialResult result = run(system, options);
  ASSERT_GT(result.warm_up_samples, 4u);
  EXPECT_EQ(samples_.lines_with(",warm-up,"), 4u);
}

TEST_F(ClosedLoop, WritesAThousandRowsOfAWarmUpAtMost) {
  ScriptedMatmul system(right_answer);
  ClosedLoopOptions options = kShort;
  options.warm_up_least = 200ms;
  const TrialResult result = run(system, options);
  ASSERT_GT(result.warm_up_samples, kMostWarmUpRows);
  EXPECT_EQ(samples_.lines_with(",warm-up,"), kMostWarmUpRows);
}

TEST_F(ClosedLoop, WritesTheFirstRowOfEachWorkerHoweverLateItComes) {
  ScriptedMatmul system([](const Matrix& a, const Matrix& b, int request) {
    Product product = right_answer(a, b, request);
    product.worker = request % 10 == 9 ? "slow" : "fast";
    return product;
  });
  ClosedLoopOptions options = kShort;
  options.in_flight = 1;
  options.workers = 2;
  options.warm_up_least = 50ms;
  options.max_samples = 20;
  run(system, options);
  EXPECT_EQ(samples_.lines_with(",warm-up,"), 3u);
  EXPECT_GE(samples_.lines_with(",slow,ok,"), 1u);
  for (const Row& row : samples_.rows()) {
    if (row.stage == "warm-up") EXPECT_EQ(row.outcome, "ok");
  }
}

// Rows of the warm-up are left out to save space, never to hide what went wrong in it.
TEST_F(ClosedLoop, WritesEveryRowOfTheWarmUpThatIsNotInOrder) {
  ScriptedMatmul system([](const Matrix& a, const Matrix& b, int request) {
    Product product = right_answer(a, b, request);
    if (request == 15) product.matrix(0, 0) += 0.5;
    return product;
  });
  ClosedLoopOptions options = kShort;
  options.in_flight = 1;
  options.warm_up_least = 50ms;
  options.max_samples = 10;
  const TrialResult result = run(system, options);
  ASSERT_GT(result.warm_up_samples, 16u);
  EXPECT_EQ(samples_.lines_with(",wrong,"), 1u);
}

TEST_F(ClosedLoop, WaitsBeforeEachSubmitWhereItIsToBeJittered) {
  ScriptedMatmul system(right_answer);
  ClosedLoopOptions options = kShort;
  options.in_flight = 1;
  options.duration = 300ms;
  options.jitter = {.most = 20ms, .seed = 3};
  run(system, options);
  std::vector<double> gaps_ms;
  double end_ms = 0;
  for (const Row& row : samples_.rows()) {
    gaps_ms.push_back(row.start_ms - end_ms);
    end_ms = row.end_ms();
  }
  // Drawn uniformly from 20 ms: of ten or more, neither all short nor all long.
  ASSERT_GE(gaps_ms.size(), 10u);
  EXPECT_LT(*std::ranges::min_element(gaps_ms), 10);
  EXPECT_GT(*std::ranges::max_element(gaps_ms), 5);
}

TEST_F(ClosedLoop, EndsAWaitWhenTheTrialIsOver) {
  ScriptedMatmul system(right_answer);
  ClosedLoopOptions options = kShort;
  options.jitter = {.most = std::chrono::hours(1), .seed = 3};
  options.warm_up_limit = 10ms;
  run(system, options);
  EXPECT_EQ(system.requests(), 3);  // each client makes one
}

TEST_F(ClosedLoop, SortsSamplesByTheirEnd) {
  ScriptedMatmul system(right_answer);
  const TrialResult result = run(system, kShort);
  const double window_start_ms = std::chrono::duration<double, std::milli>(result.warm_up).count();
  for (const Row& row : samples_.rows()) {
    const double since_ms = row.end_ms() - window_start_ms;
    const double from_edge_ms = std::min(std::abs(since_ms), std::abs(since_ms - 50));
    if (from_edge_ms > 0.01) {  // more than a row is rounded by
      EXPECT_EQ(row.stage, since_ms < 0 ? "warm-up" : since_ms < 50 ? "measured" : "tail");
    }
    EXPECT_EQ(row.backlog_ms, 0);
    EXPECT_EQ(row.lateness_ms, 0);
  }
}

TEST_F(ClosedLoop, ReportsProgressInLongStages) {
  ScriptedMatmul system(right_answer);
  ClosedLoopOptions options = kShort;
  options.duration = 1200ms;
  run(system, options);
  EXPECT_EQ(reports_.size(), 4u);  // as the window opens, every half a second, and at the end
}

TEST_F(ClosedLoop, TellsThatTheWindowIsOverBeforeItsLastRequestsEnd) {
  // The requests that are in flight at the end of the window end once that was told.
  std::promise<void> told;
  const std::shared_future<void> was_told = told.get_future().share();
  std::atomic<bool> held_until_told = true;
  ScriptedMatmul system([&](const Matrix& a, const Matrix& b, int request) {
    if (request >= 30 && was_told.wait_for(5s) != std::future_status::ready) {
      held_until_told = false;
    }
    return right_answer(a, b, request);
  });
  SampleLog log(samples_.path());
  int ends = 0;
  Progress end{};
  run_closed_loop(system, workload_, kShort, log, [&](const Progress& progress) {
    if (!progress.window_over) return;
    ++ends;
    end = progress;
    told.set_value();
  });
  EXPECT_TRUE(held_until_told);
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(end.elapsed, 50ms);
}

TEST_F(ClosedLoop, FailsWhenSamplesCannotBeWritten) {
  EXPECT_THROW(SampleLog("/no/such/folder/samples.csv"), std::runtime_error);
  ScriptedMatmul system(right_answer);
  SampleLog full("/dev/full");
  EXPECT_THROW(run_closed_loop(system, workload_, kShort, full, [](const Progress&) {}),
               std::runtime_error);
}

// Compute times of zero would look steady after ten requests.
TEST_F(ClosedLoop, WarmsUpByTheResponseWhereTheSystemDoesNotSayHowLongItComputed) {
  ScriptedMatmul system([](const Matrix& a, const Matrix& b, int request) {
    std::this_thread::sleep_for(request < 5 ? 20ms : 5ms);
    Product product = right_answer(a, b, request);
    product.phases = {};
    return product;
  });
  const TrialResult result = run(system, {.in_flight = 1,
                                          .workers = 1,
                                          .duration = 10ms,
                                          .warm_up_limit = 5000ms,
                                          .warm_up_block = 0ms});
  EXPECT_GE(result.warm_up_samples, 13u);
  EXPECT_TRUE(result.steady);
}

TEST_F(ClosedLoop, ReportsOnceWhenTheWindowOpensAndCloses) {
  ScriptedMatmul system(right_answer);
  const auto before = Clock::now();
  run(system, kShort);
  std::vector<Window> windows;
  for (const Progress& report : reports_) {
    if (report.window) windows.push_back(*report.window);
  }
  ASSERT_EQ(windows.size(), 1u);
  EXPECT_GT(windows[0].start, before);
  EXPECT_EQ(windows[0].end - windows[0].start, kShort.duration);
  EXPECT_LE(windows[0].end, Clock::now());
}

}  // namespace
}  // namespace enxame::load
