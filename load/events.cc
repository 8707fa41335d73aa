#include "load/events.h"

#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>

namespace enxame::load {
namespace {

using Json = nlohmann::ordered_json;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

double milliseconds(Duration duration) { return 1e3 * seconds(duration); }

Json rate(std::uint64_t count, Duration time) {
  if (time == Duration::zero()) return nullptr;
  return static_cast<double>(count) / seconds(time);
}

/// Used by all threads of this process since it began.
Duration own_processor_time() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

void print(const Json& event) { std::cout << event.dump() << std::endl; }

Json done(const TrialResult& result, const ClockProbes& probes) {
  return {{"event", "done"},
          {"samples", result.samples},
          {"wrong", result.wrong},
          {"errors", result.errors},
          {"unfinished", result.unfinished},
          {"measured_s", seconds(result.measured)},
          {"warm_up_samples", result.warm_up_samples},
          {"warm_up_s", seconds(result.warm_up)},
          {"steady", result.steady},
          {"completed_per_s", rate(result.completed, result.measured)},
          {"stopped_ms", milliseconds(result.stalls.stopped)},
          {"longest_stop_ms", milliseconds(result.stalls.longest)},
          {"starved_ms", milliseconds(result.stalls.starved)},
          {"suspended_ms", milliseconds(result.stalls.suspended)},
          {"cpu_s", seconds(own_processor_time())},
          {"migrations", result.migrations ? Json(*result.migrations) : Json(nullptr)},
          {"clock_probe_ms",
           {{"before", milliseconds(probes.before)}, {"after", milliseconds(probes.after)}}},
          {"memory_start_bytes", result.memory_start_bytes},
          {"memory_end_bytes", result.memory_end_bytes}};
}

Json to_json(const Spread& spread) {
  constexpr double kNsPerUs = 1e3;
  return {{"median", spread.median_ns / kNsPerUs},
          {"min", spread.min_ns / kNsPerUs},
          {"max", spread.max_ns / kNsPerUs}};
}

}  // namespace

void emit(const Progress& progress) {
  if (progress.window) {
    print({{"event", "window-start"},
           {"opens_monotonic_s", seconds(progress.window->start.time_since_epoch())},
           {"closes_monotonic_s", seconds(progress.window->end.time_since_epoch())}});
    return;
  }
  if (progress.window_over) {
    print({{"event", "window-end"},
           {"elapsed_s", seconds(progress.elapsed)},
           {"samples", progress.samples}});
    return;
  }
  if (progress.stage == Stage::warm_up) {
    print({{"event", "warm-up"},
           {"elapsed_s", seconds(progress.elapsed)},
           {"samples", progress.samples},
           {"steady_workers", progress.steady_workers}});
    return;
  }
  print(
      {{"event", "progress"},
       {"elapsed_s", seconds(progress.elapsed)},
       {"samples", progress.samples},
       {"throughput_per_s", rate(progress.samples, progress.elapsed)},
       {"mean_response_ms", progress.samples == 0 ? Json(nullptr)
                                                  : Json(milliseconds(progress.response_total) /
                                                         static_cast<double>(progress.samples))}});
}

void emit_done(const TrialResult& result, const ClockProbes& probes) {
  Json event = done(result, probes);
  event["offered_per_s"] = nullptr;
  event["lateness_ms"] = nullptr;
  print(event);
}

void emit_done(const OpenLoopResult& result, const ClockProbes& probes) {
  Json event = done(result.trial, probes);
  event["offered_per_s"] = rate(result.offered, result.trial.measured);
  event["lateness_ms"] = nullptr;
  if (const DurationHistogram& lateness = result.lateness; lateness.count() > 0) {
    event["lateness_ms"] = {{"p50", milliseconds(lateness.percentile(0.50))},
                            {"p99", milliseconds(lateness.percentile(0.99))},
                            {"max", milliseconds(lateness.max())}};
  }
  print(event);
}

void emit(const Overhead& overhead) {
  print({{"event", "overhead"},
         {"n", overhead.n},
         {"repetitions", overhead.repetitions},
         {"requests", overhead.requests},
         {"inside_us", to_json(overhead.inside)},
         {"between_us", to_json(overhead.between)},
         {"check_us", to_json(overhead.check)},
         {"row_us", to_json(overhead.row)}});
}

}  // namespace enxame::load
