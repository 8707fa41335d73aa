// The load generator: puts one system under load, checks every product, writes one row per sample.

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "cli/program.h"
#include "load/clock_probe.h"
#include "load/closed_loop.h"
#include "load/events.h"
#include "load/open_loop.h"
#include "load/options.h"
#include "load/overhead.h"

namespace {

using namespace enxame;
using namespace enxame::load;

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
}

Duration nanoseconds(double seconds) {
  return std::chrono::round<Duration>(std::chrono::duration<double>(seconds));
}

std::size_t in_flight_when_closed(const Options& options) {
  return options.in_flight == 0 ? options.system.workers : options.in_flight;
}

void require_success(const TrialResult& result, const Options& options) {
  if (!result.gave_up) return;
  throw std::runtime_error("gave up after " + std::to_string(result.errors) +
                           " failed requests; the last rows of " + options.samples + " say why");
}

std::optional<std::uint64_t> max_samples_of(const Options& options) {
  return options.max_samples == 0 ? std::nullopt : std::optional(options.max_samples);
}

/// In which no more than the most samples arrive, on average.
double open_duration_s(const Options& options) {
  if (options.max_samples == 0) return options.duration_s;
  return std::min(options.duration_s,
                  static_cast<double>(options.max_samples) / options.rate_per_s);
}

int closed(const Options& options) {
  const Duration probe_before = clock_probe();
  const auto system = options.system.open();
  const Workload workload(options.n, options.seed, options.values);
  SampleLog log(options.samples);
  const TrialResult result =
      run_closed_loop(*system, workload,
                      {.in_flight = in_flight_when_closed(options),
                       .workers = options.system.named_workers(),
                       .duration = milliseconds(options.duration_s),
                       .warm_up_limit = milliseconds(options.warm_up_limit_s),
                       .warm_up_least = milliseconds(options.warm_up_s),
                       .max_errors = options.max_errors,
                       .max_samples = max_samples_of(options),
                       .warm_up_span = options.warm_up_span,
                       .jitter = {.most = nanoseconds(options.jitter_s), .seed = options.seed}},
                      log, [](const Progress& progress) { emit(progress); });
  emit_done(result, {.before = probe_before, .after = clock_probe()});
  require_success(result, options);
  return EXIT_SUCCESS;
}

/// Sets `abandoned` when requests still run that nobody waits for.
int open(const Options& options, bool& abandoned) {
  const Duration probe_before = clock_probe();
  const auto duration = milliseconds(open_duration_s(options));
  const RatePtr rate = RateSchedule::parse(options.rate_schedule)
                           .over(options.rate_per_s, lead_in_of(duration), duration);
  const ArrivalSchedule schedule(options.arrivals, rate, options.seed);
  const std::shared_ptr<Matmul> system = options.system.open();
  const auto workload = std::make_shared<const Workload>(options.n, options.seed, options.values);
  SampleLog log(options.samples);
  const OpenLoopResult result =
      run_open_loop(system, workload,
                    {.schedule = schedule,
                     .max_in_flight = options.max_in_flight,
                     .warm_up_in_flight = in_flight_when_closed(options),
                     .workers = options.system.named_workers(),
                     .duration = duration,
                     .warm_up_limit = milliseconds(options.warm_up_limit_s),
                     .warm_up_least = milliseconds(options.warm_up_s),
                     .drain_limit = milliseconds(options.drain_limit_s),
                     .max_errors = options.max_errors,
                     .max_samples = max_samples_of(options),
                     .warm_up_span = options.warm_up_span},
                    log, [](const Progress& progress) { emit(progress); });
  emit_done(result, {.before = probe_before, .after = clock_probe()});
  abandoned = result.abandoned;
  require_success(result.trial, options);
  return EXIT_SUCCESS;
}

/// A file that lives as long as this.
class TemporaryFile {
 public:
  ~TemporaryFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("enxame-overhead-" + std::to_string(getpid()) + ".csv");
};

int overhead(const Options& options) {
  const TemporaryFile samples;
  emit(measure_overhead({.n = options.n,
                         .seed = options.seed,
                         .repetitions = 11,
                         .requests = 1'000,
                         .samples = samples.path()}));
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  cli::Flags flags = declare(options);
  bool abandoned = false;
  const int status = cli::run_program(flags, argc, argv, [&] {
    if (options.asks_capabilities) return cli::print_capabilities(capabilities());
    check(options, flags);
    if (options.overhead) return overhead(options);
    return options.open() ? open(options, abandoned) : closed(options);
  });
  // Abandoned threads must not live to see what the end of main() destroys.
  if (abandoned) std::quick_exit(status);
  return status;
}
