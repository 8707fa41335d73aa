#include "coordinator/broker/lease_watch.h"

#include <algorithm>
#include <utility>

namespace enxame::coordinator {

namespace {

/// When a store that cannot be asked is asked again.
constexpr std::chrono::seconds kRetry{1};

}  // namespace

LeaseWatch::LeaseWatch(TaskStore& store, const Clock& clock, std::function<void()> taken_back)
    : store_(store),
      clock_(clock),
      taken_back_(std::move(taken_back)),
      thread_([this] { watch(); }) {}

LeaseWatch::~LeaseWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  thread_.join();
}

void LeaseWatch::changed(const TaskChange& change) noexcept {
  if (change.event != TaskEvent::claimed || !rests_.exchange(false)) return;
  {
    const std::lock_guard lock(mutex_);
    claimed_ = true;
  }
  woken_.notify_all();
}

void LeaseWatch::watch() {
  for (;;) {
    rests_ = true;  // before the store is asked: a claim after that is told
    const auto left = time_left();
    std::unique_lock lock(mutex_);
    if (!left) {
      woken_.wait(lock, [this] { return stopping_ || claimed_; });
    } else {
      rests_ = false;
      // Not longer than a lease that begins meanwhile may last.
      woken_.wait_for(lock, std::min(*left, store_.shortest_lease()), [this] { return stopping_; });
    }
    if (stopping_) return;
    claimed_ = false;
    lock.unlock();
    if (!left) continue;
    store_.expire_leases(clock_.read());
    taken_back_();
  }
}

/// Until the next lease runs out; nothing when no task is held.
std::optional<Duration> LeaseWatch::time_left() const {
  try {
    const auto next = store_.next_expiry();
    if (!next) return std::nullopt;
    const Instant now = clock_.read();
    return has_run_out(*next, Duration::zero(), now) ? Duration::zero() : *next - now;
  } catch (const StoreUnavailable&) {
    return kRetry;
  }
}

}  // namespace enxame::coordinator
