#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/capabilities.h"
#include "cli/flags.h"
#include "load/arrivals/arrival_schedule.h"
#include "load/arrivals/rate_schedule.h"
#include "load/clients/inproc.h"
#include "load/steadiness.h"
#include "load/workload.h"

namespace enxame::load {

/// The command line of the load generator.
struct Options {
  SystemOptions system{.client = &inproc_client()};
  std::size_t n = 256;
  Values values = Values::real;
  std::size_t in_flight = 0;  ///< closed loop; 0: as many as workers
  double rate_per_s = 0;      ///< open loop; 0: closed
  ArrivalProcess arrivals = ArrivalProcess::poisson;
  std::string rate_schedule = "constant";  ///< open loop; see RateSchedule::parse()
  std::size_t max_in_flight = 256;
  double jitter_s = 0;  ///< closed loop
  double duration_s = 5;
  std::uint64_t max_samples = 0;   ///< 0: as many as there are
  std::uint64_t max_errors = 100;  ///< 0: however many
  double warm_up_s = 0;
  double warm_up_limit_s = 10;
  std::size_t warm_up_span = Steadiness::kSpan;
  double drain_limit_s = 10;
  std::uint64_t seed = 1;
  std::string samples;
  bool overhead = false;
  bool asks_capabilities = false;

  bool open() const { return rate_per_s > 0; }
};

/// The flags, bound to `options`.
cli::Flags declare(Options& options);

/// What the load generator can reach, from the lists of which its flags are made.
cli::Capabilities capabilities();

/// Throws cli::UsageError, naming the flags, for those that do not go together or are missing.
void check(const Options& options, const cli::Flags& flags);

}  // namespace enxame::load
