#include "coordinator/broker/result_waits.h"

#include <new>
#include <utility>

namespace enxame::coordinator {

struct ResultWaits::Waiter {
  bool over = false;
  Found found{WaitOutcome::none};  // `task` once it is over, unless there was no memory
  std::condition_variable finished{};
};

/// A waiter's place among the others, as long as this lives.
class ResultWaits::Place {
 public:
  Place(ResultWaits& waits, TaskId id, Waiter& waiter) : waits_(waits) {
    const std::lock_guard lock(waits_.mutex_);
    self_ = waits_.waiters_.emplace(id, &waiter);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    const std::lock_guard lock(waits_.mutex_);
    waits_.waiters_.erase(self_);
  }

 private:
  ResultWaits& waits_;
  std::unordered_multimap<TaskId, Waiter*>::iterator self_;
};

ResultWaits::Found ResultWaits::look(TaskId id) const {
  Found found{WaitOutcome::none, store_.find(id)};
  if (!is_finished(found.task.state())) return found;
  found.outcome = WaitOutcome::task;
  if (!found.task.product) return found;
  found.product = payloads_.product(found.task.product);
  if (found.product == nullptr) throw ForgottenTask(forgotten_words(id));
  return found;
}

ResultWaits::Found ResultWaits::await(TaskId id, const Patience& patience) {
  Waiter self;
  const Place place(*this, id, self);
  // What happens from here on is told.
  Found found = look(id);
  if (found.outcome == WaitOutcome::task) return found;
  std::unique_lock lock(mutex_);
  const WaitOutcome end =
      wait_for(lock, self.finished, patience, [&] { return self.over || closed_; });
  if (self.found.outcome == WaitOutcome::task) return std::move(self.found);
  lock.unlock();
  found = look(id);
  if (found.outcome == WaitOutcome::none) {
    found.outcome = end == WaitOutcome::task ? WaitOutcome::closed : end;
  }
  return found;
}

void ResultWaits::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& [id, waiter] : waiters_) waiter->finished.notify_one();
}

void ResultWaits::changed(const TaskChange& change) noexcept {
  if (!is_finished(change.task.state())) return;
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = waiters_.equal_range(change.task.id);
  for (auto each = begin; each != end; ++each) {
    Waiter& waiter = *each->second;
    waiter.over = true;
    try {
      TaskRecord task = change.task;
      waiter.found = {WaitOutcome::task, std::move(task), payloads_.product(change.task.product)};
    } catch (const std::bad_alloc&) {  // it looks for itself
    }
    waiter.finished.notify_one();
  }
}

}  // namespace enxame::coordinator
