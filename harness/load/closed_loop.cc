#include "harness/load/closed_loop.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "harness/load/steadiness.h"

namespace enxame::load {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kProgressInterval{500};

Sample request(Matmul& system, const Problem& problem, std::size_t client) {
  Sample sample{
      .stage = Stage::warm_up, .client = client, .start = Clock::now(), .outcome = Outcome::ok};
  try {
    const Product product = system.multiply(problem.a, problem.b);
    sample.response = Clock::now() - sample.start;
    sample.phases = product.phases;
    sample.worker = product.worker;
    if (const auto mismatch = problem.checker.check(product.matrix)) {
      sample.outcome = Outcome::wrong;
      sample.error = to_string(*mismatch);
    }
  } catch (const std::exception& error) {
    sample.response = Clock::now() - sample.start;
    sample.outcome = Outcome::error;
    sample.error = error.what();
  }
  return sample;
}

/// Sorts samples into stages and keeps the books. A sample's end is read before the lock is taken
/// and the window moves under the lock, so every sample falls on the right side of its edges.
class Trial {
 public:
  Trial(const ClosedLoopOptions& options, SampleLog& log)
      : options_(options), log_(log), steadiness_(options.workers), stage_start_(Clock::now()) {}

  /// Takes a sample; returns whether its client should make another request.
  bool record(Sample sample) {
    const std::lock_guard lock(mutex_);
    const Clock::time_point end = sample.start + sample.response;
    sample.stage = stage_ == Stage::measured && end < window_end() ? Stage::measured
                   : stage_ == Stage::warm_up                      ? Stage::warm_up
                                                                   : Stage::tail;
    count(sample);
    try {
      log_.append(sample, origin_);
    } catch (...) {
      failure_ = std::current_exception();
      stop();
    }
    return !stopped_;
  }

  /// Runs the stages on the caller's thread until the load may stop. Calls `on_progress` between
  /// them.
  void direct(const std::function<void(const Progress&)>& on_progress) {
    std::unique_lock lock(mutex_);
    wait_reporting(lock, stage_start_ + options_.warm_up_limit, on_progress,
                   [&] { return stopped_ || steadiness_.steady(); });
    if (stopped_) return;
    result_.steady = steadiness_.steady();
    open_window();
    wait_reporting(lock, window_end(), on_progress, [&] { return stopped_; });
    result_.measured = std::min(Clock::now(), window_end()) - stage_start_;
    stop();
  }

  void stop_from_outside() {
    const std::lock_guard lock(mutex_);
    stop();
  }

  ClosedLoopResult result() const {
    if (failure_) std::rethrow_exception(failure_);
    return result_;
  }

 private:
  void count(const Sample& sample) {
    if (sample.outcome == Outcome::wrong) ++result_.wrong;
    if (sample.outcome == Outcome::error && ++result_.errors >= options_.max_errors) {
      result_.gave_up = true;
      stop();
    }
    if (sample.stage == Stage::tail) return;
    ++(sample.stage == Stage::measured ? result_.samples : result_.warm_up_samples);
    response_total_ += sample.response;
    if (sample.stage != Stage::warm_up || sample.outcome == Outcome::error) return;
    steadiness_.record(sample.worker, sample.phases.worker.compute);
    if (steadiness_.steady()) changed_.notify_all();
  }

  void open_window() {
    const Clock::time_point now = Clock::now();
    result_.warm_up = now - stage_start_;
    stage_ = Stage::measured;
    stage_start_ = now;
    response_total_ = {};
  }

  void stop() {
    stopped_ = true;
    changed_.notify_all();
  }

  Clock::time_point window_end() const { return stage_start_ + options_.duration; }

  template <typename Done>
  void wait_reporting(std::unique_lock<std::mutex>& lock, Clock::time_point deadline,
                      const std::function<void(const Progress&)>& on_progress, Done done) {
    while (true) {
      const auto wake = std::min(Clock::now() + kProgressInterval, deadline);
      if (changed_.wait_until(lock, wake, done) || Clock::now() >= deadline) return;
      const Progress progress = snapshot();
      log_.flush();
      lock.unlock();
      on_progress(progress);
      lock.lock();
    }
  }

  Progress snapshot() const {
    return {.stage = stage_,
            .elapsed = Clock::now() - stage_start_,
            .samples = stage_ == Stage::measured ? result_.samples : result_.warm_up_samples,
            .response_total = response_total_,
            .steady_workers = steadiness_.steady_workers()};
  }

  const ClosedLoopOptions& options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  SampleLog& log_;
  Steadiness steadiness_;
  Stage stage_ = Stage::warm_up;
  Clock::time_point stage_start_;
  const Clock::time_point origin_ = stage_start_;
  Duration response_total_{};
  bool stopped_ = false;
  ClosedLoopResult result_;
  std::exception_ptr failure_;
};

}  // namespace

ClosedLoopResult run_closed_loop(Matmul& system, const Workload& workload,
                                 const ClosedLoopOptions& options, SampleLog& log,
                                 const std::function<void(const Progress&)>& on_progress) {
  Trial trial(options, log);
  std::vector<std::jthread> clients;
  clients.reserve(options.in_flight);
  for (std::size_t client = 0; client < options.in_flight; ++client) {
    clients.emplace_back([&, client] {
      for (std::size_t i = 0; trial.record(request(system, workload.problem(client, i), client));) {
        ++i;
      }
    });
  }
  try {
    trial.direct(on_progress);
  } catch (...) {
    trial.stop_from_outside();  // the clients are joined as the exception leaves
    throw;
  }
  clients.clear();
  log.flush();
  return trial.result();
}

}  // namespace enxame::load
