#include "load/trial.h"

#include <algorithm>
#include <utility>

#include "load/memory.h"
#include "load/migrations.h"

namespace enxame::load {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{500};

/// What shows whether a worker still becomes faster. Where a system does not say how long it
/// computed, the response as a whole stands for it.
Duration compute_or_response(const Sample& sample) {
  const Duration compute = sample.phases.worker.compute;
  return compute == Duration::zero() ? sample.response : compute;
}

}  // namespace

Trial::Trial(const TrialOptions& options, SampleLog& log, OnProgress on_progress)
    : options_(options),
      log_(log),
      on_progress_(std::move(on_progress)),
      steadiness_(options.workers, options.span, options.block) {}

bool Trial::record(Sample sample) {
  bool written = false;
  {
    const Lock lock(mutex_);
    sample.stage = stage_at(options_.belongs_by == BelongsBy::end ? sample.end() : sample.start);
    count(sample);
    written = is_written(sample);
  }
  std::exception_ptr failure;
  try {
    if (written) log_.append(sample, origin_);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    const Lock lock(mutex_);
    failure_ = failure;
    stop_locked();
  }
  return !stopped_;
}

void Trial::record_unfinished(Sample sample) {
  {
    const Lock lock(mutex_);
    sample.stage = stage_at(sample.start);
    if (sample.stage == Stage::measured) ++result_.unfinished;
  }
  log_.append(sample, origin_);
}

void Trial::wait_until_steady(Duration least, Duration limit) {
  Lock lock(mutex_);
  wait_reporting(lock, origin_ + std::min(least, limit), [this] { return stopped(); });
  wake_when_steady_ = true;
  wait_reporting(lock, origin_ + limit, [this] { return stopped() || steadiness_.steady(); });
  wake_when_steady_ = false;
  result_.steady = steadiness_.steady();
}

Window Trial::open_window(Duration lead_in, Duration duration) {
  Progress opening{};
  // Beforehand, since reading them takes longer than short requests do.
  migrations_before_ = own_migrations();
  {
    const Lock lock(mutex_);
    const Clock::time_point start = Clock::now() + lead_in;
    window_ = Window{.start = start, .end = start + duration};
    result_.warm_up = start - origin_;
    opening = snapshot();
  }
  opening.window = window_;
  on_progress_(opening);
  return *opening.window;
}

void Trial::wait_for_window() {
  Lock lock(mutex_);
  wait_reporting(lock, window_->start, [this] { return stopped(); });
  result_.memory_start_bytes = resident_bytes();
  // Its end comes sooner where it closes with a sample.
  wait_reporting(lock, window_->end, [this] { return stopped() || Clock::now() >= window_->end; });
  result_.memory_end_bytes = resident_bytes();
  Progress last = snapshot();
  last.window_over = true;
  report(lock, last);
  if (const auto now = own_migrations(); now && migrations_before_) {
    result_.migrations = *now - std::min(*now, *migrations_before_);
  }
}

void Trial::wait_for(const std::function<bool()>& done, Clock::time_point deadline) {
  Lock lock(mutex_);
  wake_on_record_ = true;
  wait_reporting(lock, deadline, done);
  wake_on_record_ = false;
}

void Trial::stop() {
  const Lock lock(mutex_);
  stop_locked();
}

TrialResult Trial::result() {
  if (window_) {
    const bool ended = options_.belongs_by == BelongsBy::end;
    result_.stalls = stall_watch_.between(window_->start, ended ? window_->end : Clock::now());
  }
  const Lock lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
  result_.warm_up_samples = totals(Stage::warm_up).samples;
  result_.samples = totals(Stage::measured).samples;
  return result_;
}

Stage Trial::stage_at(Clock::time_point moment) const {
  if (!window_ || moment < window_->start) return Stage::warm_up;
  return moment < window_->end ? Stage::measured : Stage::tail;
}

/// Called when it has been counted. What is not in order is always written.
bool Trial::is_written(const Sample& sample) {
  constexpr std::uint64_t kShareOfWarmUp = 10;
  if (sample.stage != Stage::warm_up || sample.outcome != Outcome::ok) return true;
  std::uint64_t most = kMostWarmUpRows;
  if (options_.max_samples) most = std::min(most, *options_.max_samples / kShareOfWarmUp);
  most = std::max<std::uint64_t>(most, options_.workers);
  // Each worker's first response is a figure of its own.
  const bool is_first = heard_of_.insert(sample.worker).second;
  return is_first || totals(sample.stage).samples <= most;
}

void Trial::count(const Sample& sample) {
  Totals& stage = totals(sample.stage);
  ++stage.samples;
  stage.response += sample.response;
  if (sample.outcome == Outcome::ok && window_ && window_->contains(sample.end())) {
    ++result_.completed;
  }
  if (sample.outcome == Outcome::wrong) ++result_.wrong;
  if (sample.outcome == Outcome::error && ++result_.errors == options_.max_errors) {
    result_.gave_up = true;
    stop_locked();
  }
  if (!window_ && sample.outcome != Outcome::error) {
    steadiness_.record(sample.worker, compute_or_response(sample), sample.response, sample.end());
    if (wake_when_steady_ && steadiness_.steady()) changed_.notify_all();
  }
  if (sample.stage == Stage::measured && options_.belongs_by == BelongsBy::end &&
      stage.samples == options_.max_samples) {
    window_->end = std::min(window_->end, Clock::now());
    changed_.notify_all();
  }
  if (wake_on_record_) changed_.notify_all();
}

void Trial::stop_locked() {
  if (!stopped_ && window_) {
    result_.measured = std::clamp(Clock::now(), window_->start, window_->end) - window_->start;
  }
  stopped_ = true;
  changed_.notify_all();
}

void Trial::wait_reporting(Lock& lock, Clock::time_point deadline,
                           const std::function<bool()>& done) {
  while (true) {
    const auto wake = std::min(Clock::now() + kProgressInterval, deadline);
    if (changed_.wait_until(lock, wake, done) || Clock::now() >= deadline) return;
    report(lock, snapshot());
  }
}

void Trial::report(Lock& lock, const Progress& progress) {
  lock.unlock();
  log_.flush();
  on_progress_(progress);
  lock.lock();
}

Progress Trial::snapshot() {
  const auto now = Clock::now();
  const bool measuring = window_ && now >= window_->start;
  const Totals& stage = totals(measuring ? Stage::measured : Stage::warm_up);
  return {.stage = measuring ? Stage::measured : Stage::warm_up,
          .elapsed = measuring ? std::min(now, window_->end) - window_->start : now - origin_,
          .samples = stage.samples,
          .response_total = stage.response,
          .steady_workers = steadiness_.steady_workers()};
}

}  // namespace enxame::load
