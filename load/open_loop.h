#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "load/arrivals/arrival_schedule.h"
#include "load/duration_histogram.h"
#include "load/sample_log.h"
#include "load/trial.h"
#include "load/workload.h"
#include "matmul/matmul.h"

namespace enxame::load {

struct OpenLoopOptions {
  ArrivalSchedule schedule;
  std::size_t max_in_flight;           ///< clients that submit; further arrivals wait for one
  std::size_t warm_up_in_flight;       ///< requests kept in flight during the warm-up
  std::size_t workers;                 ///< different workers to expect before the warm-up can end
  std::chrono::milliseconds duration;  ///< of the measured window
  std::chrono::milliseconds warm_up_limit;     ///< go on after this even when not steady
  std::chrono::milliseconds warm_up_least{0};  ///< go on no sooner, however steady
  std::chrono::milliseconds drain_limit;  ///< from the window's end until its requests must end
  std::uint64_t max_errors = 100;         ///< see TrialOptions
  std::optional<std::uint64_t> max_samples = std::nullopt;  ///< see TrialOptions
  std::size_t warm_up_span = Steadiness::kSpan;             ///< see Steadiness
  Duration warm_up_block = Steadiness::kBlock;              ///< see Steadiness
};

/// For how long arrivals of a window of that length come before it opens.
constexpr Duration lead_in_of(Duration window) { return window / 10; }

struct OpenLoopResult {
  TrialResult trial;
  std::uint64_t offered = 0;   ///< arrivals in the window: those measured and those unfinished
  DurationHistogram lateness;  ///< of the clients that waited for an arrival of the window
  bool abandoned = false;      ///< requests are still running that nobody waits for
};

/// Drives `system` with arrivals that come whether or not it keeps up (an open loop).
///
/// A request's time begins when it was meant to be submitted. Where all clients are busy or a
/// client wakes late, that is before the submit, and the difference is its backlog: a system that
/// stalls delays everything that arrives meanwhile, and all of it is measured (no coordinated
/// omission: Tene, "How NOT to Measure Latency", 2013). For the same reason a request belongs to
/// the stage of its intended start: by its end, the window would lose just those of its requests
/// that take long.
///
/// Workers are first warmed up in a closed loop, because at a low rate an open one would take very
/// long to make them steady. Then the arrivals begin; the first tenth of a window's length belongs
/// to the warm-up still, so that the window does not open on an empty system. They go on after the
/// window until its last request has ended, or until the limit: what has not ended by then is
/// written down as unfinished. Requests that are inside `system` at that moment
/// cannot be called back; their threads keep `system` and `workload` alive and end by themselves.
OpenLoopResult run_open_loop(const std::shared_ptr<Matmul>& system,
                             const std::shared_ptr<const Workload>& workload,
                             const OpenLoopOptions& options, SampleLog& log,
                             const Trial::OnProgress& on_progress);

}  // namespace enxame::load
