#include "coordinator/simulation/simulation.h"

#include <chrono>
#include <list>
#include <string>

#include "coordinator/simulation/invariants.h"
#include "coordinator/simulation/node.h"
#include "coordinator/simulation/parties.h"
#include "coordinator/store/memory_task_store.h"

namespace enxame::coordinator::simulation {

namespace {

/// Small, so that finished tasks are forgotten all the time and some are refused.
constexpr std::size_t kStoredBytes = 60'000;

/// Events in which everything comes to its end when nothing goes wrong: all leases run out many
/// times over.
constexpr std::uint64_t kStepsToEnd = 1'000'000;

class Simulation {
 public:
  explicit Simulation(const SimulationOptions& options)
      : options_(options),
        world_(options.seed, options.faults, options.workers + options.clients),
        node_(world_, {.max_stored_bytes = kStoredBytes}, options.make_store) {
    for (std::size_t i = 0; i < options.workers; ++i) workers_.emplace_back(world_, node_, i);
    for (std::size_t i = 0; i < options.clients; ++i) {
      clients_.emplace_back(world_, node_, options.workers + i);
    }
  }

  SimulationOutcome run() {
    for (Worker& worker : workers_) worker.start();
    for (Client& client : clients_) client.start();
    while (steps_ < options_.steps) step();
    world_.heal();
    for (Client& client : clients_) client.finish();
    while (!is_over()) {
      if (steps_ > options_.steps + kStepsToEnd) {
        throw Violation("nothing-lost", std::to_string(node_.invariants().unfinished()) +
                                            " tasks do not come to an end");
      }
      step();
    }
    return outcome();
  }

  std::uint64_t steps() const { return steps_; }

 private:
  void step() {
    ++steps_;
    world_.step();
    node_.tick();
  }

  bool is_over() const {
    for (const Client& client : clients_) {
      if (!client.is_done()) return false;
    }
    return node_.invariants().unfinished() == 0;
  }

  SimulationOutcome outcome() const {
    const Invariants& seen = node_.invariants();
    return {.steps = steps_,
            .simulated_s = std::chrono::duration<double>(world_.now()).count(),
            .tasks = node_.stats().total,
            .claims = seen.claims(),
            .expired = seen.times(TaskEvent::expired),
            .abandoned = seen.times(TaskEvent::abandoned),
            .late = seen.times(TaskEvent::accepted_late),
            .revoked = seen.times(TaskEvent::revoked),
            .nacked = seen.times(TaskEvent::nacked),
            .cancelled = seen.times(TaskEvent::cancelled),
            .retried = seen.times(TaskEvent::retried)};
  }

  const SimulationOptions& options_;
  World world_;
  Node node_;
  std::list<Worker> workers_;
  std::list<Client> clients_;
  std::uint64_t steps_ = 0;
};

}  // namespace

std::unique_ptr<TaskStore> make_memory_store(const StoreOptions& options, PayloadStore& payloads) {
  return std::make_unique<MemoryTaskStore>(options, payloads);
}

SimulationOutcome simulate(const SimulationOptions& options) {
  Simulation simulation(options);
  try {
    return simulation.run();
  } catch (const Violation& violation) {
    throw Violation(
        "step " + std::to_string(simulation.steps()) + " of seed " + std::to_string(options.seed),
        violation.what());
  }
}

}  // namespace enxame::coordinator::simulation
