#include "load/open_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "load/closed_loop.h"
#include "load/test/samples_file.h"
#include "load/test/scripted_matmul.h"

namespace enxame::load {
namespace {

using namespace std::chrono_literals;

double in_ms(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

/// Another number for each thread of this process, also for one that ended long ago.
int thread_number() {
  static std::atomic<int> threads{0};
  thread_local const int mine = ++threads;
  return mine;
}

/// Tells the requests of an open loop from those of its warm-up, which has one client here and so
/// one thread.
class OpenRequests {
 public:
  /// The number of this request in the open loop, from 0; -1 in the warm-up.
  int number() {
    int nobody = 0;
    warm_up_thread_.compare_exchange_strong(nobody, thread_number());
    return warm_up_thread_ == thread_number() ? -1 : requests_++;
  }

 private:
  std::atomic<int> warm_up_thread_{0};
  std::atomic<int> requests_{0};
};

/// Does one thing at a time; stalls once, for 300 ms.
class StallingSystem {
 public:
  explicit StallingSystem(int stalling_request) : stalling_request_(stalling_request) {}

  Product answer(const Matrix& a, const Matrix& b, int request) {
    const std::lock_guard lock(mutex_);
    if (first_call_ == Clock::time_point{}) first_call_ = Clock::now();
    if (request == stalling_request_) {
      began_ = Clock::now();
      std::this_thread::sleep_for(300ms);
      ended_ = Clock::now();
    }
    return right_answer(a, b, request);
  }

  /// Start and end of the stall, since the origin of a trial that was not made before `created` and
  /// was there at the first call: the interval is too short by the time between the two.
  double began_ms(Clock::time_point created) const { return in_ms(began_ - created); }
  double ended_ms() const { return in_ms(ended_ - first_call_); }

 private:
  const int stalling_request_;
  std::mutex mutex_;
  Clock::time_point first_call_{};
  Clock::time_point began_{};
  Clock::time_point ended_{};
};

OpenLoopOptions short_trial(double rate_per_s = 1000) {
  return {.schedule = {ArrivalProcess::uniform, rate_per_s, 1},
          .max_in_flight = 8,
          .warm_up_in_flight = 1,
          .workers = 1,
          .duration = 100ms,
          .warm_up_limit = 5000ms,
          .drain_limit = 60s,
          .warm_up_span = 1,
          .warm_up_block = 0ms};
}

class OpenLoop : public ::testing::Test {
 protected:
  /// Also waits until nobody uses the system any more, requests that were abandoned included.
  OpenLoopResult run(
      ScriptedMatmul::Script script, const OpenLoopOptions& options,
      const std::function<void()>& before_waiting = [] {}) {
    std::promise<void> gone;
    std::shared_ptr<Matmul> system(new ScriptedMatmul(std::move(script)),
                                   [&gone](const Matmul* unused) {
                                     delete unused;
                                     gone.set_value();
                                   });
    SampleLog log(samples_.path());
    const OpenLoopResult result =
        run_open_loop(system, workload_, options, log, [](const Progress&) {});
    before_waiting();
    system.reset();
    gone.get_future().wait();
    return result;
  }

  std::vector<Row> rows_of(std::string_view stage) const {
    std::vector<Row> rows = samples_.rows();
    std::erase_if(rows, [&](const Row& row) { return row.stage != stage; });
    return rows;
  }

  const std::shared_ptr<const Workload> workload_ = std::make_shared<const Workload>(4, 1);
  const SamplesFile samples_;
};

TEST_F(OpenLoop, MeasuresEveryArrivalOfTheWindow) {
  const OpenLoopResult result = run(right_answer, short_trial());
  EXPECT_EQ(result.offered, 100u);
  EXPECT_EQ(result.trial.samples, 100u);
  EXPECT_EQ(result.trial.unfinished, 0u);
  EXPECT_EQ(result.trial.errors, 0u);
  EXPECT_TRUE(result.trial.steady);
  EXPECT_FALSE(result.abandoned);
  EXPECT_EQ(result.trial.measured, 100ms);
  const auto rows = rows_of("measured");
  ASSERT_EQ(rows.size(), 100u);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_NEAR(rows[i].start_ms - rows[i - 1].start_ms, 1, 2e-6);
  }
}

TEST_F(OpenLoop, ArrivalsAreThoseOfTheSeedWhateverTheSystem) {
  OpenLoopOptions options = short_trial();
  options.schedule = {ArrivalProcess::poisson, 1000, 5};
  ArrivalSchedule schedule = options.schedule;
  run(
      [](const Matrix& a, const Matrix& b, int request) {
        if (request % 7 == 0) std::this_thread::sleep_for(2ms);
        return right_answer(a, b, request);
      },
      options);
  const auto rows = rows_of("measured");
  ASSERT_FALSE(rows.empty());
  Duration offset = schedule.next();
  while (offset < 10ms) offset = schedule.next();  // the warm-up's part
  const double origin_ms = rows[0].start_ms - in_ms(offset);
  for (const Row& row : rows) {
    EXPECT_NEAR(row.start_ms, origin_ms + in_ms(offset), 1.1e-3)
        << "two are rounded to microseconds";
    offset = schedule.next();
  }
  EXPECT_GE(offset, 110ms);
}

TEST_F(OpenLoop, SortsSamplesByTheirIntendedStart) {
  const OpenLoopResult result = run(
      [](const Matrix& a, const Matrix& b, int request) {
        std::this_thread::sleep_for(5ms);  // so that some begin in the window and end after it
        return right_answer(a, b, request);
      },
      short_trial());
  const double window_start_ms = in_ms(result.trial.warm_up);
  std::size_t ended_after = 0;
  std::size_t ended_inside = 0;
  for (const Row& row : samples_.rows()) {
    const double since_ms = row.start_ms - window_start_ms;
    const double from_edge_ms = std::min(std::abs(since_ms), std::abs(since_ms - 100));
    if (from_edge_ms > 1e-3) {  // more than a row is rounded by
      EXPECT_EQ(row.stage, since_ms < 0 ? "warm-up" : since_ms < 100 ? "measured" : "tail");
    }
    const double end_ms = row.end_ms() - window_start_ms;
    if (row.stage == "measured" && end_ms >= 100) ++ended_after;
    if (end_ms >= 0 && end_ms < 100) ++ended_inside;
  }
  EXPECT_EQ(result.trial.completed, ended_inside);
  EXPECT_GT(ended_after, 0u);
}

TEST_F(OpenLoop, BacklogIsAPhaseOfTheResponse) {
  OpenLoopOptions options = short_trial();
  options.max_in_flight = 1;
  run(
      [](const Matrix& a, const Matrix& b, int request) {
        std::this_thread::sleep_for(2ms);  // twice as long as the time between arrivals
        return right_answer(a, b, request);
      },
      options);
  const auto rows = rows_of("measured");
  ASSERT_EQ(rows.size(), 100u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    EXPECT_GE(row.lateness_ms, 0);
    EXPECT_GE(row.backlog_ms, row.lateness_ms);
    EXPECT_EQ(row.compute_ms, 1);
    // Two milliseconds of work arrived per millisecond, so the queue has grown by this much.
    EXPECT_GE(row.backlog_ms, static_cast<double>(i));
  }
}

// Everything that arrives during the stall ends no earlier than it, so response times fall linearly
// with the time of arrival. That holds however slow the machine is.
TEST_F(OpenLoop, OmitsNothingWhileTheSystemStalls) {
  constexpr std::size_t kClients = 64;
  OpenLoopOptions options = short_trial();
  options.duration = 1s;
  options.max_in_flight = kClients;
  StallingSystem system(200);
  OpenRequests open;
  const auto created = Clock::now();
  const OpenLoopResult result =
      run([&](const Matrix& a, const Matrix& b, int) { return system.answer(a, b, open.number()); },
          options);
  EXPECT_EQ(result.trial.samples, 1000u);
  const double window_end_ms = in_ms(result.trial.warm_up) + 1000;
  const double from_ms = system.began_ms(created);
  const double to_ms = std::min(system.ended_ms(), window_end_ms);
  std::size_t stalled = 0;
  std::size_t not_even_submitted = 0;
  for (const Row& row : samples_.rows()) {
    if (row.start_ms <= from_ms || row.start_ms >= to_ms) continue;
    ++stalled;
    EXPECT_GE(row.response_ms, system.ended_ms() - row.start_ms);
    if (row.backlog_ms >= system.ended_ms() - row.start_ms) ++not_even_submitted;
  }
  EXPECT_GE(static_cast<double>(stalled) + 1, std::floor(to_ms - from_ms));
  EXPECT_GE(not_even_submitted + kClients, stalled);
  if (to_ms < window_end_ms && to_ms - from_ms > 290) {
    EXPECT_GT(not_even_submitted, 200u);
  }
}

// The same system and the same stall: a closed loop does not ask while it is stalled.
TEST_F(OpenLoop, WhereAClosedLoopSeesOneRequest) {
  StallingSystem system(20);
  ScriptedMatmul scripted(
      [&](const Matrix& a, const Matrix& b, int request) { return system.answer(a, b, request); });
  SampleLog log(samples_.path());
  const auto created = Clock::now();
  run_closed_loop(scripted, *workload_,
                  {.in_flight = 1,
                   .workers = 1,
                   .duration = 400ms,
                   .warm_up_limit = 5000ms,
                   .warm_up_span = 1,
                   .warm_up_block = 0ms},
                  log, [](const Progress&) {});
  const double from_ms = system.began_ms(created);
  const double to_ms = system.ended_ms();
  std::size_t saw_it = 0;
  for (const Row& row : samples_.rows()) {
    if (row.start_ms < to_ms && row.end_ms() > from_ms) ++saw_it;
  }
  EXPECT_EQ(saw_it, 1u);
}

TEST_F(OpenLoop, WritesDownWhatAnOverloadedSystemDidNotFinish) {
  OpenLoopOptions options = short_trial();
  options.max_in_flight = 4;
  options.drain_limit = 50ms;
  std::mutex one_at_a_time;
  std::size_t rows_at_return = 0;
  const OpenLoopResult result = run(
      [&](const Matrix& a, const Matrix& b, int request) {
        const std::lock_guard lock(one_at_a_time);
        std::this_thread::sleep_for(20ms);
        return right_answer(a, b, request);
      },
      options, [&] { rows_at_return = samples_.lines().size(); });
  EXPECT_EQ(result.offered, 100u);
  EXPECT_GT(result.trial.unfinished, 0u);
  EXPECT_EQ(result.trial.samples + result.trial.unfinished, 100u);
  EXPECT_EQ(result.trial.errors, 0u);
  EXPECT_FALSE(result.trial.gave_up);
  EXPECT_EQ(samples_.lines().size(), rows_at_return) << "who ends later writes nothing";
  const auto rows = rows_of("measured");
  ASSERT_EQ(rows.size(), 100u);
  const double limit_ms = in_ms(result.trial.warm_up) + 100 + 50;
  std::size_t unfinished = 0;
  std::size_t in_flight = 0;
  for (const Row& row : rows) {
    if (row.outcome != "unfinished") continue;
    ++unfinished;
    EXPECT_GE(row.end_ms(), limit_ms - 1e-6) << "it was waited for until then";
    EXPECT_EQ(row.error.rfind("unfinished after ", 0), 0u) << row.error;
    if (row.error.find("no client was free") == std::string::npos) {
      ++in_flight;
      EXPECT_GT(row.backlog_ms, 0);
      EXPECT_LT(row.backlog_ms, row.response_ms);
    } else {
      EXPECT_EQ(row.backlog_ms, row.response_ms);
    }
  }
  EXPECT_EQ(unfinished, result.trial.unfinished);
  EXPECT_LE(in_flight, options.max_in_flight);
}

TEST_F(OpenLoop, DoesNotWaitForRequestsThatHang) {
  OpenLoopOptions options = short_trial();
  options.max_in_flight = 4;
  options.drain_limit = 20ms;
  OpenRequests open;
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  const OpenLoopResult result = run(
      [&](const Matrix& a, const Matrix& b, int request) {
        if (open.number() >= 0) released.wait();
        return right_answer(a, b, request);
      },
      options, [&] { release.set_value(); });
  EXPECT_TRUE(result.abandoned);
  EXPECT_EQ(result.offered, 100u);
  EXPECT_EQ(result.trial.unfinished, 100u) << "those in flight are from before the window";
  EXPECT_EQ(result.trial.samples, 0u);
  EXPECT_EQ(rows_of("measured").size(), 100u);
}

TEST_F(OpenLoop, MarksAWrongProductAndGoesOn) {
  OpenRequests open;
  const OpenLoopResult result = run(
      [&](const Matrix& a, const Matrix& b, int request) {
        Product product = right_answer(a, b, request);
        if (open.number() == 30) product.matrix(1, 2) += 0.5;
        return product;
      },
      short_trial());
  EXPECT_EQ(result.trial.wrong, 1u);
  EXPECT_EQ(samples_.lines_with("element (1, 2) is"), 1u);
  EXPECT_EQ(result.trial.samples, 100u);
}

TEST_F(OpenLoop, GivesUpWhenRequestsKeepFailing) {
  OpenLoopOptions options = short_trial();
  options.duration = 60s;
  options.max_errors = 10;
  OpenRequests open;
  const OpenLoopResult result = run(
      [&](const Matrix& a, const Matrix& b, int request) {
        if (open.number() >= 0) throw std::runtime_error("no worker left");
        return right_answer(a, b, request);
      },
      options);
  EXPECT_TRUE(result.trial.gave_up);
  EXPECT_GE(result.trial.errors, 10u);
  EXPECT_LT(result.trial.errors, 10u + options.max_in_flight);
  EXPECT_EQ(samples_.lines_with(",error,no worker left"), result.trial.errors);
}

TEST_F(OpenLoop, GivesUpInTheWarmUp) {
  OpenLoopOptions options = short_trial();
  options.max_errors = 10;
  const OpenLoopResult result = run(
      [](const Matrix&, const Matrix&, int) -> Product { throw std::runtime_error("no worker"); },
      options);
  EXPECT_TRUE(result.trial.gave_up);
  EXPECT_EQ(result.trial.errors, 10u);
  EXPECT_EQ(result.offered, 0u);
}

TEST_F(OpenLoop, MeasuresAtTheLimitWhenNotSteady) {
  OpenLoopOptions options = short_trial();
  options.workers = 2;  // only one ever answers
  options.warm_up_limit = 30ms;
  const OpenLoopResult result = run(right_answer, options);
  EXPECT_FALSE(result.trial.steady);
  EXPECT_EQ(result.trial.samples, 100u);
}

TEST_F(OpenLoop, MeasuresNothingWhereNothingArrives) {
  OpenLoopOptions options = short_trial(0.001);
  options.schedule = {ArrivalProcess::poisson, 0.001, 1};
  const OpenLoopResult result = run(right_answer, options);
  EXPECT_EQ(result.offered, 0u);
  EXPECT_EQ(result.trial.samples, 0u);
  EXPECT_EQ(result.lateness.count(), 0u);
}

TEST_F(OpenLoop, EndsInOrderWhenWhoFollowsItsProgressFails) {
  OpenLoopOptions options = short_trial();
  options.duration = 60s;
  SampleLog log(samples_.path());
  EXPECT_THROW(
      run_open_loop(std::make_shared<ScriptedMatmul>(right_answer), workload_, options, log,
                    [](const Progress&) { throw std::runtime_error("nobody listens"); }),
      std::runtime_error);
}

TEST_F(OpenLoop, FailsWhenSamplesCannotBeWritten) {
  SampleLog full("/dev/full");
  EXPECT_THROW(run_open_loop(std::make_shared<ScriptedMatmul>(right_answer), workload_,
                             short_trial(), full, [](const Progress&) {}),
               std::runtime_error);
}

}  // namespace
}  // namespace enxame::load
