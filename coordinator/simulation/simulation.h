#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "coordinator/simulation/world.h"
#include "coordinator/store/payload_store.h"
#include "coordinator/store/store_options.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator::simulation {

/// Makes the store that is simulated; the options and the payloads outlive it.
using MakeStore = std::function<std::unique_ptr<TaskStore>(const StoreOptions&, PayloadStore&)>;

/// The coordinator's own, in memory.
std::unique_ptr<TaskStore> make_memory_store(const StoreOptions& options, PayloadStore& payloads);

struct SimulationOptions {
  std::uint64_t seed = 1;
  std::uint64_t steps = 1'000'000;  ///< events, before everything is left to come to its end
  std::size_t workers = 5;
  std::size_t clients = 4;
  Faults faults{};
  MakeStore make_store = make_memory_store;
};

/// What happened in a simulation in which nothing was violated.
struct SimulationOutcome {
  std::uint64_t steps = 0;
  double simulated_s = 0;
  std::uint64_t tasks = 0;  ///< accepted; a split one is one
  std::uint64_t claims = 0;
  std::uint64_t expired = 0;
  std::uint64_t abandoned = 0;
  std::uint64_t late = 0;  ///< products that were taken late
  std::uint64_t revoked = 0;
  std::uint64_t nacked = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t retried = 0;
};

/// Workers, clients and a coordinator (Node) in a World where things go wrong, for so many steps;
/// then nothing goes wrong any more, and all that was accepted has to come to an end
/// (`nothing-lost`). After each step the invariants are checked. The same options give the same
/// steps. Throws Violation, which says at which step.
SimulationOutcome simulate(const SimulationOptions& options);

}  // namespace enxame::coordinator::simulation
