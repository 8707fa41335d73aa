#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "harness/load/sample.h"
#include "harness/load/workload.h"
#include "matmul/matmul.h"

namespace enxame::load {

struct ClosedLoopOptions {
  std::size_t in_flight;               ///< requests kept in flight: as many clients, each with one
  std::size_t workers;                 ///< different workers to expect before the warm-up can end
  std::chrono::milliseconds duration;  ///< of the measured window
  std::chrono::milliseconds warm_up_limit;  ///< measure after this even when not steady
  std::uint64_t max_errors = 100;           ///< requests that may fail before the trial is given up
};

/// What is known of a trial while it runs.
struct Progress {
  Stage stage;
  Duration elapsed;         ///< since the stage began
  std::uint64_t samples;    ///< in this stage
  Duration response_total;  ///< sum over those samples
  std::size_t steady_workers;
};

/// What a trial came to.
struct ClosedLoopResult {
  std::uint64_t warm_up_samples = 0;
  std::uint64_t samples = 0;  ///< measured
  std::uint64_t wrong = 0;    ///< products that were not the product, in all stages
  std::uint64_t errors = 0;   ///< requests that failed, in all stages
  Duration warm_up{};
  Duration measured{};
  bool steady = false;   ///< false: the warm-up ended at its limit
  bool gave_up = false;  ///< max_errors was reached
};

/// Drives `system` with a fixed number of requests in flight (a closed loop): each client submits,
/// waits for the product, checks it, and submits the next. The load never pauses: the measured
/// window opens in the middle of it, as soon as every worker is steady, and a request belongs to
/// the stage in which it ended, so that throughput is not biased by a cold start or an emptying
/// pipeline. Checking happens between requests and is in no response time. Returns when the last
/// request has ended.
ClosedLoopResult run_closed_loop(Matmul& system, const Workload& workload,
                                 const ClosedLoopOptions& options, SampleLog& log,
                                 const std::function<void(const Progress&)>& on_progress);

}  // namespace enxame::load
