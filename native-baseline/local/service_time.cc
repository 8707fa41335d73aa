#include "native-baseline/local/service_time.h"

namespace enxame::native {

void ServiceTime::multiply(MatrixView a, MatrixView b, double* c) {
  const auto done_at = std::chrono::steady_clock::now() + time_;
  multiplier_.multiply(a, b, c);
  // To wait for a moment that has passed takes tens of microseconds all the same.
  if (std::chrono::steady_clock::now() >= done_at) return;
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, done_at, [&] { return ended_; });
}

void ServiceTime::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

}  // namespace enxame::native
