#include "native-baseline/local/fifo_gate.h"

#include <stdexcept>

namespace enxame::native {

FifoGate::FifoGate(std::size_t places) : free_places_(places) {
  if (places == 0) throw std::invalid_argument("a gate needs at least 1 place, not 0");
}

void FifoGate::enter() {
  std::unique_lock lock(mutex_);
  if (free_places_ > 0) {
    --free_places_;
    return;
  }
  const auto me = waiting_.emplace(waiting_.end());
  me->called.wait(lock, [&] { return me->may_enter; });
  waiting_.erase(me);
}

void FifoGate::leave() {
  const std::lock_guard lock(mutex_);
  // The place goes straight to whoever waits longest: were it only marked free, a newcomer could
  // take it first.
  for (Waiter& waiter : waiting_) {
    if (waiter.may_enter) continue;
    waiter.may_enter = true;
    waiter.called.notify_one();
    return;
  }
  ++free_places_;
}

std::size_t FifoGate::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace enxame::native
