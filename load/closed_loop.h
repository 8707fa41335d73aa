#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "load/sample_log.h"
#include "load/trial.h"
#include "load/workload.h"
#include "matmul/matmul.h"

namespace enxame::load {

/// How long a client waits before each of its submits: for a time that is drawn uniformly from zero
/// to `most`, so that it does not fall into step with whatever in the system is periodic. It is in
/// no response time.
struct Jitter {
  Duration most{};
  std::uint64_t seed = 0;
};

struct ClosedLoopOptions {
  std::size_t in_flight;               ///< requests kept in flight: as many clients, each with one
  std::size_t workers;                 ///< different workers to expect before the warm-up can end
  std::chrono::milliseconds duration;  ///< of the measured window
  std::chrono::milliseconds warm_up_limit;     ///< measure after this even when not steady
  std::chrono::milliseconds warm_up_least{0};  ///< measure no sooner, however steady
  std::uint64_t max_errors = 100;              ///< see TrialOptions
  std::optional<std::uint64_t> max_samples = std::nullopt;  ///< see TrialOptions
  std::size_t warm_up_span = Steadiness::kSpan;             ///< see Steadiness
  Duration warm_up_block = Steadiness::kBlock;              ///< see Steadiness
  Jitter jitter{};
};

/// Clients of a closed loop, from construction to destruction: each submits, waits for the product,
/// checks it, and submits the next, until the trial is stopped, but one request at least. A client
/// whose request failed pauses before the next, for 10 ms and after each further failure twice as
/// long, up to 100 ms, so that a system that is away is not asked as fast as it can refuse. The
/// destructor waits for requests in flight.
class ClosedClients {
 public:
  ClosedClients(Matmul& system, const Workload& workload, std::size_t in_flight, Trial& trial,
                const Jitter& jitter = {});
  ~ClosedClients();
  ClosedClients(const ClosedClients&) = delete;
  ClosedClients& operator=(const ClosedClients&) = delete;

 private:
  std::vector<std::jthread> clients_;
};

/// Drives `system` with a fixed number of requests in flight (a closed loop). The load never
/// pauses: the measured window opens in the middle of it, as soon as every worker is steady, and a
/// request belongs to the stage in which it ended, so that throughput is not biased by a cold start
/// or an emptying pipeline. Checking happens between requests and is in no response time. Returns
/// when the last request has ended.
TrialResult run_closed_loop(Matmul& system, const Workload& workload,
                            const ClosedLoopOptions& options, SampleLog& log,
                            const Trial::OnProgress& on_progress);

}  // namespace enxame::load
