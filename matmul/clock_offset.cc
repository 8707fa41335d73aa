#include "matmul/clock_offset.h"

#include <algorithm>

namespace enxame {

ClockOffset::Estimate ClockOffset::observe(const Exchange& exchange) {
  const Duration upper = exchange.received - exchange.sent;
  const Duration lower = exchange.replied - exchange.answered;
  const std::lock_guard lock(mutex_);
  lower_ = std::max(lower_, lower);
  upper_ = std::min(upper_, upper);
  if (lower_ > upper_) {
    lower_ = lower;
    upper_ = upper;
  }
  const Duration error = (upper_ - lower_) / 2;
  return {lower_ + error, error};
}

Ways ways_of(const ClockOffset::Exchange& exchange, const ClockOffset::Estimate& estimate) {
  const Duration both =
      (exchange.answered - exchange.sent) - (exchange.replied - exchange.received);
  const Duration there = exchange.received - estimate.offset - exchange.sent;
  const Duration dispatch = std::clamp(there, Duration::zero(), std::max(both, Duration::zero()));
  return {dispatch, both - dispatch, estimate.error};
}

}  // namespace enxame
