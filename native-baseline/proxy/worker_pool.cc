#include "native-baseline/proxy/worker_pool.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace enxame::native {

WorkerPool::WorkerPool(WorkerPoolOptions options) : options_(options), workers_(options.workers) {
  if (options.workers == 0) throw std::invalid_argument("at least 1 worker is needed, not 0");
  if (options.calls_per_worker == 0) {
    throw std::invalid_argument("at least 1 call per worker is needed, not 0");
  }
  if (options.max_back_off < options.first_back_off) {
    throw std::invalid_argument(
        "the longest back-off, " + std::to_string(options.max_back_off.count()) +
        " ms, is below the first, " + std::to_string(options.first_back_off.count()) + " ms");
  }
}

std::optional<std::size_t> WorkerPool::acquire(WorkerFailures& failures) {
  std::unique_lock lock(mutex_);
  const auto me = waiting_.emplace(waiting_.end(), failures);
  while (!closed_) {
    serve_waiting();
    if (me->settled) break;
    // A worker's back-off may end without anybody releasing anything.
    const Clock::time_point retry_at = next_retry(failures);
    if (retry_at == Clock::time_point::max()) {
      me->called.wait(lock);
    } else {
      me->called.wait_until(lock, retry_at);
    }
  }
  const bool settled = me->settled;
  const auto worker = me->worker;
  waiting_.erase(me);
  if (!settled) throw std::runtime_error("the connection to the workers is being closed");
  if (!worker) {
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      failures.emplace(i, workers_[i].last_failure);
    }
  }
  return worker;
}

void WorkerPool::release(std::size_t index, std::optional<WorkerFailure> failure) noexcept {
  const std::lock_guard lock(mutex_);
  Worker& worker = workers_[index];
  --worker.in_flight;
  const auto now = Clock::now();
  if (!failure) {
    worker.back_off = {};
  } else if (now >= worker.retry_at && !worker.quarantined) {
    // Calls that fail together are one failure.
    worker.back_off = std::clamp<Clock::duration>(2 * worker.back_off, options_.first_back_off,
                                                  options_.max_back_off);
    worker.retry_at = now + worker.back_off;
    worker.last_failure = *std::move(failure);
  }
  serve_waiting();
}

bool WorkerPool::quarantine(std::size_t index, WorkerFailure failure) {
  const std::lock_guard lock(mutex_);
  Worker& worker = workers_[index];
  if (worker.quarantined) return false;
  worker.quarantined = true;
  worker.last_failure = std::move(failure);
  return true;
}

std::size_t WorkerPool::quarantined() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count(workers_, true, &Worker::quarantined));
}

void WorkerPool::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (Waiter& waiter : waiting_) waiter.called.notify_one();
}

void WorkerPool::serve_waiting() {
  const auto now = Clock::now();
  for (Waiter& waiter : waiting_) {
    if (waiter.settled) continue;
    settle(waiter, now);
    if (waiter.settled) waiter.called.notify_one();
  }
}

void WorkerPool::settle(Waiter& waiter, Clock::time_point now) {
  bool any_left = false;
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const std::size_t index = (turn_ + i) % workers_.size();
    const Worker& worker = workers_[index];
    if (waiter.failures.contains(index) || worker.quarantined || now < worker.retry_at) continue;
    any_left = true;
    // After a failure a single call tries whether the worker is back.
    const bool on_trial = worker.back_off > Clock::duration::zero();
    const std::size_t slots = on_trial ? 1 : options_.calls_per_worker;
    if (worker.in_flight >= slots) continue;
    if (!best || worker.in_flight < workers_[*best].in_flight) best = index;
  }
  if (best) {
    ++workers_[*best].in_flight;
    turn_ = (*best + 1) % workers_.size();
  }
  waiter.worker = best;
  waiter.settled = best || !any_left;
}

WorkerPool::Clock::time_point WorkerPool::next_retry(const WorkerFailures& failures) const {
  auto next = Clock::time_point::max();
  const auto now = Clock::now();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (failures.contains(i) || workers_[i].quarantined || workers_[i].retry_at <= now) continue;
    next = std::min(next, workers_[i].retry_at);
  }
  return next;
}

}  // namespace enxame::native
