#include "coordinator/broker/presence.h"

#include <algorithm>
#include <utility>

namespace enxame::coordinator {

void Presence::saw(const std::string& worker) {
  const std::lock_guard lock(mutex_);
  note(worker);
}

void Presence::began_to_wait(const std::string& worker) noexcept {
  const std::lock_guard lock(mutex_);
  workers_.began_to_wait(worker);
}

void Presence::ended_to_wait(const std::string& worker) {
  const std::lock_guard lock(mutex_);
  workers_.ended_to_wait(worker);
  workers_.saw(worker, now());
}

std::size_t Presence::reliable() const {
  const std::lock_guard lock(mutex_);
  return workers_.reliable();
}

void Presence::describe(const std::string& worker, WorkerDescription description) {
  const std::lock_guard lock(mutex_);
  workers_.describe(worker, std::move(description), now());
}

bool Presence::admit(const std::string& worker, Admission admission, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (admission != Admission::admitted) all_admitted_ = false;
  if (!workers_.admit(worker, admission, reason)) return false;
  if (durability_ != nullptr) durability_->admit({worker, admission, reason});
  return true;
}

void Presence::restore(const RestoredWorker& worker) {
  const std::lock_guard lock(mutex_);
  all_admitted_ = false;
  workers_.describe(worker.name, {}, now());
  workers_.admit(worker.name, worker.admission, worker.reason);
}

Admission Presence::admission_of(const std::string& worker) const noexcept {
  if (all_admitted_) return Admission::admitted;
  const std::lock_guard lock(mutex_);
  return workers_.admission_of(worker);
}

std::string Presence::why_not_admitted(const std::string& worker) const {
  const std::lock_guard lock(mutex_);
  const std::string* reason = workers_.why_not_admitted(worker);
  return reason == nullptr ? "" : *reason;
}

TimeAway Presence::time_away(const std::string& worker, const Instant& sent,
                             const Instant& answered, const WorkerPhases& told) {
  const std::lock_guard lock(mutex_);
  ClockOffset unknown;
  ClockOffset* clock = workers_.clock_of(worker);
  return enxame::time_away(sent.reading, answered.reading, told,
                           clock == nullptr ? unknown : *clock);
}

std::vector<WorkerView> Presence::await(std::size_t count, const Patience& patience) {
  std::unique_lock lock(mutex_);
  Views found;
  if (!patience.none() && workers_.present(now()) < count) {
    Waiter self;
    const auto place = waiters_.emplace(count, &self);
    wait_for(lock, self.satisfied, patience, [&] { return self.found || closed_; });
    waiters_.erase(place);
    found = std::move(self.found);
  }
  if (!found) found = std::make_shared<const std::vector<WorkerView>>(workers_.list(now()));
  lock.unlock();
  std::vector<WorkerView> views = *found;
  std::ranges::sort(views, {}, &WorkerView::id);
  return views;
}

void Presence::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& [count, waiter] : waiters_) waiter->satisfied.notify_one();
}

void Presence::changed(const TaskChange& change) noexcept {
  if (change.task.is_split()) return;
  const std::string& worker = change.task.worker;
  const std::lock_guard lock(mutex_);
  if (change.event == TaskEvent::claimed || change.event == TaskEvent::named) {
    workers_.took_task(worker);
  }
  if (change.event == TaskEvent::completed || change.event == TaskEvent::accepted_late) {
    workers_.completed(worker);
  }
  if (change.event == TaskEvent::nacked || change.event == TaskEvent::abandoned ||
      change.event == TaskEvent::expired) {
    workers_.failed(worker);
  }
  if (change.ended_lease()) workers_.let_task_go(worker);
}

/// Notes that the worker is there, and wakes those who have waited for as many as there are now.
void Presence::note(const std::string& worker) {
  const auto at = now();
  if (!workers_.saw(worker, at) || waiters_.empty()) return;
  const auto end = waiters_.upper_bound(workers_.present(at));
  if (end == waiters_.begin()) return;
  // One list for all of them, which each copies when others can go on.
  const auto found = std::make_shared<const std::vector<WorkerView>>(workers_.list(at));
  for (auto each = waiters_.begin(); each != end; ++each) {
    if (each->second->found) continue;  // and is about to go
    each->second->found = found;
    each->second->satisfied.notify_one();
  }
}

}  // namespace enxame::coordinator
