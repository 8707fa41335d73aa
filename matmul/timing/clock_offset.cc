#include "matmul/timing/clock_offset.h"

#include <algorithm>

namespace enxame {
namespace {

/// No clock has run for longer; so far from the ends of a Duration, no sum of two overflows.
constexpr Duration kLongestUptime = std::chrono::years{100};

/// What the worker says it worked, which nobody has checked, as far as `most` goes.
WorkerPhases cut_off(WorkerPhases worker, Duration most) {
  Duration left = std::max(most, Duration::zero());
  for (Duration* phase : {&worker.decode, &worker.compute, &worker.encode}) {
    *phase = std::min(*phase, left);
    left -= *phase;
  }
  return worker;
}

/// Whether the worker says when it had the task, and what it says can be.
bool says_when(const WorkerPhases& worker, Duration working, Duration away) {
  if (worker.received_at <= Duration::zero() || worker.sent_at > kLongestUptime) return false;
  const Duration had = worker.sent_at - worker.received_at;
  return had >= working && had <= away;
}

}  // namespace

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

TimeAway time_away(Duration sent, Duration answered, const WorkerPhases& worker,
                   ClockOffset& clock) {
  const Duration away = answered - sent;
  const WorkerPhases believed = cut_off(worker, away);
  const Duration working = believed.total();
  if (!says_when(worker, working, away)) {
    const Duration ways = std::max(away - working, Duration::zero());
    return {ways / 2, Duration::zero(), ways - ways / 2, ways - ways / 2, believed};
  }
  const ClockOffset::Exchange exchange{sent, worker.received_at, worker.sent_at, answered};
  const Ways ways = ways_of(exchange, clock.observe(exchange));
  const Duration waited = worker.sent_at - worker.received_at - working;
  return {ways.dispatch, waited, ways.return_trip, ways.error, believed};
}

}  // namespace enxame
