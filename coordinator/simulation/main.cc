// coordinator-simulation: the coordinator's rules, store and leases with workers and clients in a
// world where messages are lost and doubled and workers die, freeze and lie, many hours in a
// second.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <limits>
#include <string>

#include "cli/flags.h"
#include "cli/program.h"
#include "coordinator/simulation/invariants.h"
#include "coordinator/simulation/simulation.h"

namespace enxame::coordinator::simulation {
namespace {

struct Settings {
  std::uint64_t seed = 1;
  std::uint64_t seeds = 1;
  SimulationOptions each{};
};

void declare(cli::Flags& flags, Settings& settings) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  flags.integer<std::uint64_t>("seed", settings.seed, 0, kMost, "of the first simulation");
  flags.integer<std::uint64_t>("seeds", settings.seeds, 1, 1'000'000'000,
                               "how many simulations, each with the next seed");
  flags.integer<std::uint64_t>("steps", settings.each.steps, 1, kMost, "of each simulation");
  flags.integer<std::size_t>("workers", settings.each.workers, 1, 1'000, "how many");
  flags.integer<std::size_t>("clients", settings.each.clients, 1, 1'000, "how many");
  flags.example("coordinator-simulation --seeds 1000 --steps 1000000");
}

void print(std::uint64_t seed, const SimulationOutcome& outcome, double took_s) {
  std::printf(
      "seed %llu: %llu steps, %.1f h in %.1f s: %llu tasks, %llu claims, %llu expired, %llu "
      "abandoned, %llu nacked, %llu revoked, %llu late products, %llu cancelled, %llu retried\n",
      static_cast<unsigned long long>(seed), static_cast<unsigned long long>(outcome.steps),
      outcome.simulated_s / 3600, took_s, static_cast<unsigned long long>(outcome.tasks),
      static_cast<unsigned long long>(outcome.claims),
      static_cast<unsigned long long>(outcome.expired),
      static_cast<unsigned long long>(outcome.abandoned),
      static_cast<unsigned long long>(outcome.nacked),
      static_cast<unsigned long long>(outcome.revoked),
      static_cast<unsigned long long>(outcome.late),
      static_cast<unsigned long long>(outcome.cancelled),
      static_cast<unsigned long long>(outcome.retried));
  std::fflush(stdout);
}

int run(const Settings& settings) {
  using std::chrono::steady_clock;
  for (std::uint64_t i = 0; i < settings.seeds; ++i) {
    SimulationOptions options = settings.each;
    options.seed = settings.seed + i;
    const auto began = steady_clock::now();
    try {
      const SimulationOutcome outcome = simulate(options);
      print(options.seed, outcome,
            std::chrono::duration<double>(steady_clock::now() - began).count());
    } catch (const Violation& violation) {
      std::cerr << "coordinator-simulation: " << violation.what() << "\nreplay it: "
                << "coordinator-simulation --seed " << options.seed << " --steps " << options.steps
                << " --workers " << options.workers << " --clients " << options.clients << "\n";
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace enxame::coordinator::simulation

int main(int argc, char** argv) {
  enxame::coordinator::simulation::Settings settings;
  enxame::cli::Flags flags(
      "coordinator-simulation",
      "Simulates a coordinator with workers and clients, and checks after each "
      "step that nothing is lost, doubled or wrong.");
  enxame::coordinator::simulation::declare(flags, settings);
  return enxame::cli::run_program(flags, argc, argv,
                                  [&] { return enxame::coordinator::simulation::run(settings); });
}
