#include "coordinator/broker/claim_line.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace enxame::coordinator {

ClaimLine::Turn ClaimLine::claim(Asker asker, const Patience& patience) {
  std::unique_lock lock(mutex_);
  serve_waiting();
  if (is_next(asker)) {
    try {
      if (auto claim = store_.claim(asker, clock_.read())) return {WaitOutcome::task, claim};
    } catch (const StoreUnavailable&) {
      return {WaitOutcome::unavailable};
    }
  }
  if (closed_) return {WaitOutcome::closed};
  if (patience.none()) return {WaitOutcome::none};

  const std::string worker = asker.worker;
  Claimant self{std::move(asker), std::nullopt, {}};
  const auto place = claimants_.insert(claimants_.end(), &self);
  presence_.began_to_wait(worker);
  const WaitOutcome end =
      wait_for(lock, self.served, patience, [&] { return self.turn || closed_; });
  if (!self.turn) claimants_.erase(place);
  lock.unlock();
  presence_.ended_to_wait(worker);
  if (self.turn) return *self.turn;
  return {end == WaitOutcome::task ? WaitOutcome::closed : end};
}

void ClaimLine::serve() noexcept {
  const std::lock_guard lock(mutex_);
  serve_waiting();
}

void ClaimLine::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (Claimant* claimant : claimants_) claimant->served.notify_one();
}

std::size_t ClaimLine::size() const {
  const std::lock_guard lock(mutex_);
  return claimants_.size();
}

bool ClaimLine::may_take(const Asker& asker) const noexcept {
  return presence_.admission_of(asker.worker) == Admission::admitted;
}

/// Whether nobody who may take a task waits before.
bool ClaimLine::is_next(const Asker& asker) const noexcept {
  return may_take(asker) && std::ranges::none_of(claimants_, [this](const Claimant* claimant) {
           return may_take(claimant->asker);
         });
}

/// Serves the first in line, and the next, as long as there are tasks.
void ClaimLine::serve_waiting() noexcept {
  for (auto each = claimants_.begin(); each != claimants_.end();) {
    Claimant& first = **each;
    if (!may_take(first.asker)) {
      ++each;
      continue;
    }
    try {
      const auto claim = store_.claim(first.asker, clock_.read());
      if (!claim) return;
      first.turn = Turn{WaitOutcome::task, claim};
    } catch (const std::exception&) {  // it is told so, and may ask again
      first.turn = Turn{WaitOutcome::unavailable};
    }
    each = claimants_.erase(each);
    first.served.notify_one();
  }
}

}  // namespace enxame::coordinator
