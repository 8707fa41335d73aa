// The load generator: keeps requests in flight at one system, checks every product, writes one row
// per sample.

#include <array>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/flags.h"
#include "cli/program.h"
#include "harness/load/closed_loop.h"
#include "harness/load/sample.h"
#include "harness/load/systems.h"
#include "harness/load/workload.h"

namespace {

using namespace enxame;
using namespace enxame::load;
using Json = nlohmann::ordered_json;

struct Options {
  SystemOptions system;
  std::size_t n = 256;
  std::size_t in_flight = 0;  // as many as workers
  double duration_s = 5;
  double warm_up_limit_s = 10;
  std::uint64_t seed = 1;
  std::string samples;
};

cli::Flags declare(Options& options) {
  cli::Flags flags("load-generator",
                   "Keeps a fixed number of multiplications in flight at one system, checks every "
                   "product and writes one row per sample.");
  SystemOptions& system = options.system;
  flags.choice("system", system.system,
               std::array{System::local, System::rpc_tcp, System::rest_wasm},
               "the system under load");
  flags.integer("workers", system.workers, std::size_t{1}, std::size_t{1024},
                "workers of the system; the warm-up waits for products of each");
  flags.list("rpc-workers", system.rpc_workers, parse_worker_address, "HOST:PORT",
             "where the workers of rpc-tcp listen");
  flags.text("coordinator", system.coordinator, "URL", "the coordinator of rest-wasm");
  flags.choice("codec", system.codec, std::array{Codec::json, Codec::binary},
               "how matrices travel to the coordinator");
  flags.choice("kernel", system.kernel, available_kernels(), "the kernel of local");
  flags.integer("n", options.n, std::size_t{1}, std::size_t{16384}, "order of the matrices");
  flags.integer("in-flight", options.in_flight, std::size_t{0}, std::size_t{4096},
                "requests kept in flight; 0: one per worker");
  flags.number("duration", options.duration_s, 0.001, 86400, "measured seconds");
  flags.number("warm-up-limit", options.warm_up_limit_s, 0, 3600,
               "seconds after which the measurement begins even if the workers are not steady");
  flags.integer("seed", options.seed, std::uint64_t{0}, std::uint64_t{1} << 32,
                "of the random matrices");
  flags.text("samples", options.samples, "FILE", "where the raw samples go, as CSV; required");
  flags.example("load-generator --system local --workers 2 --n 256 --samples samples.csv");
  flags.example(
      "load-generator --system rpc-tcp --workers 2 --rpc-workers 127.0.0.1:7001,127.0.0.1:7002 "
      "--samples samples.csv");
  flags.example(
      "load-generator --system rest-wasm --workers 4 --coordinator http://127.0.0.1:8080 --codec "
      "binary --samples samples.csv");
  return flags;
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

void emit(const Json& event) { std::cout << event.dump() << std::endl; }

void emit_progress(const Progress& progress) {
  if (progress.stage == Stage::warm_up) {
    emit({{"event", "warm-up"},
          {"elapsed_s", seconds(progress.elapsed)},
          {"samples", progress.samples},
          {"steady_workers", progress.steady_workers}});
    return;
  }
  const double count = static_cast<double>(progress.samples);
  emit({{"event", "progress"},
        {"elapsed_s", seconds(progress.elapsed)},
        {"samples", progress.samples},
        {"throughput_per_s", count / seconds(progress.elapsed)},
        {"mean_response_ms", progress.samples == 0
                                 ? Json(nullptr)
                                 : Json(1000 * seconds(progress.response_total) / count)}});
}

void emit_done(const ClosedLoopResult& result) {
  emit({{"event", "done"},
        {"samples", result.samples},
        {"wrong", result.wrong},
        {"errors", result.errors},
        {"measured_s", seconds(result.measured)},
        {"warm_up_samples", result.warm_up_samples},
        {"warm_up_s", seconds(result.warm_up)},
        {"steady", result.steady}});
}

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
}

int generate(const Options& options) {
  if (options.samples.empty()) throw cli::UsageError("--samples FILE is required");
  const auto system = open_system(options.system);
  const Workload workload(options.n, options.seed);
  SampleLog log(options.samples);
  const ClosedLoopResult result = run_closed_loop(
      *system, workload,
      {.in_flight = options.in_flight == 0 ? options.system.workers : options.in_flight,
       .workers = named_workers(options.system),
       .duration = milliseconds(options.duration_s),
       .warm_up_limit = milliseconds(options.warm_up_limit_s)},
      log, emit_progress);
  emit_done(result);
  if (!result.gave_up) return 0;
  throw std::runtime_error("gave up after " + std::to_string(result.errors) +
                           " failed requests; the last rows of " + options.samples + " say why");
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  cli::Flags flags = declare(options);
  return cli::run_program(flags, argc, argv, [&] { return generate(options); });
}
