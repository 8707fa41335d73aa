#include "net/budget.h"

#include <algorithm>
#include <utility>

namespace enxame::net {

/// A share that waits for room, as long as this lives; with the budget locked.
class Budget::Waiting {
 public:
  explicit Waiting(Share& share) : share_(share) { share_.waiting_.enter(share_.budget_.waiting_); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    share_.waiting_.leave(share_.budget_.waiting_);
    share_.budget_.freed_.notify_all();
  }

 private:
  Share& share_;
};

std::size_t Budget::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

Budget::Share* Budget::longest_stalled(const Share* besides) const {
  Share* longest = nullptr;
  for (Share* share : filling_) {
    if (share == besides || share->interrupted_) continue;
    if (longest == nullptr || share->stalls_at_.load() < longest->stalls_at_.load()) {
      longest = share;
    }
  }
  return longest;
}

/// Interrupts as many bodies as it takes, as far as they have stalled. Returns when to look again.
TimePoint Budget::make_room(std::size_t more, const Share* besides) {
  while (more > bytes_ - held_ + given_up_) {
    Share* const stalled = longest_stalled(besides);
    if (stalled == nullptr) return TimePoint::max();
    const TimePoint stalls_at = stalled->stalls_at_;
    if (Clock::now() < stalls_at) return stalls_at;
    stalled->interrupted_ = true;
    given_up_ += stalled->held_;
    stalled->interrupt_();
    // It may itself wait for room.
    freed_.notify_all();
  }
  return TimePoint::max();
}

/// Gives `share` its room if there is some and nobody newer waits for it.
bool Budget::take(Share* share, std::size_t more) {
  if (waiting_.back() != share || !has_room(more)) return false;
  held_ += more;
  share->held_ += more;
  share->stalls_at_ = Clock::now() + kStalledAfter;
  share->filling_.enter(filling_);
  return true;
}

void Budget::give_back(Share& share, std::size_t bytes) noexcept {
  if (share.interrupted_) given_up_ -= bytes;
  held_ -= bytes;
  share.held_ -= bytes;
  freed_.notify_all();
}

void Budget::fill(Share* share, TimePoint stalls_at) noexcept {
  const std::lock_guard lock(mutex_);
  share->stalls_at_ = stalls_at;
  share->filling_.enter(filling_);
  freed_.notify_all();
}

bool Budget::Share::hold(std::size_t bytes) {
  if (bytes <= held_) return true;
  is_used_ = true;
  std::unique_lock lock(budget_.mutex_);
  const std::size_t more = bytes - held_;
  const TimePoint give_up_at = Clock::now() + kPatience;
  const Waiting waiting(*this);
  while (!interrupted_) {
    if (budget_.take(this, more)) return true;
    if (Clock::now() >= give_up_at) break;
    budget_.freed_.wait_until(lock, std::min(budget_.make_room(more, this), give_up_at));
  }
  return false;
}

bool Budget::Share::try_hold(std::size_t bytes) {
  if (bytes <= held_) return true;
  is_used_ = true;
  const std::lock_guard lock(budget_.mutex_);
  const std::size_t more = bytes - held_;
  if (!budget_.has_room(more)) return false;
  held_ += more;
  budget_.held_ += more;
  return true;
}

void Budget::Share::shrink_to(std::size_t bytes) noexcept {
  if (bytes >= held_) return;
  const std::lock_guard lock(budget_.mutex_);
  budget_.give_back(*this, held_ - bytes);
}

void Budget::Share::moved(std::size_t bytes, TimePoint now) noexcept {
  if (is_used_) stalls_at_ = moved_on(stalls_at_, bytes, budget_.pace_, now);
}

void Budget::Share::complete() noexcept {
  if (!is_used_) return;
  const std::lock_guard lock(budget_.mutex_);
  filling_.leave(budget_.filling_);
}

void Budget::Share::keep() noexcept {
  // As if it had stalled before any other.
  if (is_used_) budget_.fill(this, TimePoint::min());
}

void Budget::Share::resume() noexcept {
  if (is_used_) budget_.fill(this, Clock::now() + kStalledAfter);
}

void Budget::Share::release() noexcept {
  if (!std::exchange(is_used_, false)) return;
  const std::lock_guard lock(budget_.mutex_);
  filling_.leave(budget_.filling_);
  budget_.give_back(*this, held_);
}

}  // namespace enxame::net
