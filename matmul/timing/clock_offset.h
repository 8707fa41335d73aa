#pragma once

#include <mutex>

#include "matmul/timing/phases.h"

namespace enxame {

/// How far another process's monotonic clock lies ahead of this one's, from the messages that the
/// two exchange anyway.
///
/// What arrives was sent before: a message that left here at `sent` and was received there at
/// `received` bounds the offset from above by received − sent, and an answer from below. Every
/// exchange narrows the interval [lower, upper] that holds the offset; its middle is the estimate,
/// half its width the error, which no assumption on symmetric ways can make smaller (Cristian 1989,
/// https://doi.org/10.1007/BF01784024; Marzullo's intersection,
/// https://en.wikipedia.org/wiki/Marzullo%27s_algorithm). Both clocks are taken to run equally
/// fast, as those of processes of one machine do. Thread-safe.
class ClockOffset {
 public:
  /// One exchange: sent and answered on this clock, received and replied on the other.
  struct Exchange {
    Duration sent;
    Duration received;
    Duration replied;
    Duration answered;
  };

  struct Estimate {
    Duration offset;  ///< the other clock's reading less this one's
    Duration error;   ///< the offset is within ± this
  };

  /// Narrows the interval by `exchange` and returns the estimate. An exchange that contradicts the
  /// earlier ones (a clock was set, or the peer is another process now) begins anew.
  Estimate observe(const Exchange& exchange);

 private:
  std::mutex mutex_;
  Duration lower_ = Duration::min();
  Duration upper_ = Duration::max();
};

/// How the time on the way splits.
struct Ways {
  Duration dispatch;     ///< to the other side
  Duration return_trip;  ///< back
  Duration error;        ///< either is within ± this
};

/// The two ways of an exchange under an estimate of the offset; they add up to the time that was
/// spent on the way, and neither is negative.
Ways ways_of(const ClockOffset::Exchange& exchange, const ClockOffset::Estimate& estimate);

/// Where the time went for which a task was away from its sender.
struct TimeAway {
  Duration dispatch;     ///< until the worker had it
  Duration waited;       ///< at the worker, for its turn and between its phases
  Duration return_trip;  ///< from the worker
  Duration clock_error;  ///< dispatch and return are each within ± this
  WorkerPhases worker;   ///< as it reports them, cut off where they exceed the time it was given
};

/// Takes the time from `sent` to `answered`, on this clock, apart: the parts add up to it, and none
/// is negative. A worker that does not say when it received and sent, or says what cannot be: its
/// ways are taken to be equally long, and may be wrong by all of that. One that claims to have
/// worked for longer than it was given has no ways at all, and what it claims beyond is cut off.
TimeAway time_away(Duration sent, Duration answered, const WorkerPhases& worker,
                   ClockOffset& clock);

}  // namespace enxame
