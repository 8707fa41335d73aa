#include "http/budget.h"

#include <algorithm>
#include <string>
#include <utility>

#include "http/server.h"

namespace enxame::http {

using Clock = std::chrono::steady_clock;

std::size_t Budget::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

Budget::Share* Budget::longest_stalled(const Share* besides) const {
  Share* longest = nullptr;
  for (Share* share : filling_) {
    if (share == besides || share->interrupted_) continue;
    if (longest == nullptr || share->moved_at_ < longest->moved_at_) longest = share;
  }
  return longest;
}

/// Interrupts as many bodies as it takes, as far as they have stalled. Returns when to look again.
TimePoint Budget::make_room(std::size_t more, const Share* besides) {
  while (more > bytes_ - held_ + given_up_) {
    Share* const stalled = longest_stalled(besides);
    if (stalled == nullptr) return TimePoint::max();
    const TimePoint stalls_at = stalled->moved_at_ + kStalledAfter;
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
  share->moved_at_ = Clock::now();
  filling_.insert(share);
  return true;
}

void Budget::fill(Share* share, TimePoint moved_at) {
  const std::lock_guard lock(mutex_);
  share->moved_at_ = moved_at;
  filling_.insert(share);
  freed_.notify_all();
}

void Budget::Share::hold(std::size_t bytes) {
  if (bytes <= held_) return;
  is_used_ = true;
  std::unique_lock lock(budget_.mutex_);
  const std::size_t more = bytes - held_;
  const TimePoint give_up_at = Clock::now() + kPatience;
  budget_.waiting_.push_back(this);
  bool has_taken = false;
  while (!interrupted_ && !(has_taken = budget_.take(this, more)) && Clock::now() < give_up_at) {
    budget_.freed_.wait_until(lock, std::min(budget_.make_room(more, this), give_up_at));
  }
  std::erase(budget_.waiting_, this);
  budget_.freed_.notify_all();
  if (has_taken) return;
  throw Error(503, "there is no room for the body: bodies that are being received may have " +
                       std::to_string(budget_.bytes_) + " bytes together (--max-in-flight)");
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

void Budget::Share::complete() {
  if (!is_used_) return;
  const std::lock_guard lock(budget_.mutex_);
  budget_.filling_.erase(this);
}

void Budget::Share::keep() {
  // As if it had stood still for longer than any other.
  if (is_used_) budget_.fill(this, TimePoint::min() + kStalledAfter);
}

void Budget::Share::resume() {
  if (is_used_) budget_.fill(this, Clock::now());
}

void Budget::Share::release() noexcept {
  if (!std::exchange(is_used_, false)) return;
  const std::lock_guard lock(budget_.mutex_);
  budget_.filling_.erase(this);
  if (interrupted_) budget_.given_up_ -= held_;
  budget_.held_ -= held_;
  held_ = 0;
  budget_.freed_.notify_all();
}

}  // namespace enxame::http
