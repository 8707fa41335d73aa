// The simulation finds nothing in the coordinator's store, and what is wrong in others.

#include "coordinator/simulation/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "coordinator/simulation/invariants.h"
#include "coordinator/store/memory_task_store.h"

namespace enxame::coordinator::simulation {
namespace {

using ::testing::HasSubstr;

/// Workers that often come back late: what is rare with the usual faults is common.
constexpr Faults kHarsh{.loss = 0.1, .duplication = 0.1, .cut = 0.02, .freeze = 0.2};

TEST(Simulation, FindsNothingWrongInAMillionSteps) {
  SimulationOutcome all;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Faults faults = seed % 2 == 0 ? kHarsh : Faults{};
    const SimulationOutcome outcome = simulate({.seed = seed, .steps = 100'000, .faults = faults});
    EXPECT_GT(outcome.tasks, 100u);
    all.claims += outcome.claims;
    all.expired += outcome.expired;
    all.abandoned += outcome.abandoned;
    all.late += outcome.late;
    all.revoked += outcome.revoked;
    all.nacked += outcome.nacked;
    all.cancelled += outcome.cancelled;
    all.retried += outcome.retried;
  }
  // Everything that can go wrong does.
  for (const std::uint64_t times : {all.expired, all.abandoned, all.late, all.revoked, all.nacked,
                                    all.cancelled, all.retried}) {
    EXPECT_GT(times, 10u);
  }
}

TEST(Simulation, IsTheSameForTheSameSeed) {
  const auto in_numbers = [](std::uint64_t seed) {
    const SimulationOutcome outcome = simulate({.seed = seed, .steps = 20'000});
    return std::tuple(outcome.steps, outcome.simulated_s, outcome.tasks, outcome.claims);
  };
  EXPECT_EQ(in_numbers(7), in_numbers(7));
  EXPECT_NE(in_numbers(7), in_numbers(8));
}

TEST(Simulation, WithoutFaultsNothingComesBack) {
  const SimulationOutcome outcome = simulate({.seed = 1, .steps = 50'000, .faults = kNoFaults});
  EXPECT_EQ(outcome.expired + outcome.abandoned + outcome.nacked + outcome.late, 0u);
}

/// A store with a mistake, each of which one of the guards of MemoryTaskStore is there against.
class Mistaken : public MemoryTaskStore {
 public:
  using MemoryTaskStore::MemoryTaskStore;

 protected:
  /// The claim under which the task is held, whoever speaks.
  Claim current(TaskId id) const {
    const TaskRecord task = find(id);
    return claim_of(task);
  }
};

/// Takes any answer for that of the holder.
class Unfenced : public Mistaken {
 public:
  using Mistaken::Mistaken;
  std::optional<Held> held(TaskId id, const Holder& holder) const override {
    const TaskRecord task = find(id);
    if (task.state() != TaskState::processing) return Mistaken::held(id, holder);
    return Held{claim_of(task), task.worker};
  }
};

/// Leases never run out.
class Endless : public Mistaken {
 public:
  using Mistaken::Mistaken;
  void expire_leases(const Instant&) noexcept override {}
};

/// A worker that is gone keeps what it had, and its lease is renewed.
class Loyal : public Mistaken {
 public:
  using Mistaken::Mistaken;
  void abandon(const Claim&, std::string_view, const Instant&) noexcept override {}
  void expire_leases(const Instant&) noexcept override {}
  std::optional<Instant> next_expiry() const override { return std::nullopt; }
};

/// A submission that is repeated makes another task.
class Keyless : public Mistaken {
 public:
  using Mistaken::Mistaken;
  Submitted submit(const NewTask& task, const Instant& at) override {
    NewTask keyless = task;
    keyless.key.reset();
    return Mistaken::submit(keyless, at);
  }
};

/// Believes that what comes late is right.
class Credulous : public Mistaken {
 public:
  using Mistaken::Mistaken;
  std::optional<Held> held(TaskId id, const Holder& holder) const override {
    auto held = Mistaken::held(id, holder);
    if (held) held->is_late = false;
    return held;
  }
  TaskRecord nack(const Claim& claim, const std::string& reason, const Instant& at) override {
    try {
      return Mistaken::nack(claim, reason, at);
    } catch (const NotHeld&) {
      return complete(claim, {.is_right = true}, at);
    }
  }
};

/// Hands a task out for ever.
class Patient : public Mistaken {
 public:
  Patient(StoreOptions options, PayloadStore& payloads)
      : Mistaken(patient(std::move(options)), payloads) {}

 private:
  static StoreOptions patient(StoreOptions options) {
    options.limits.attempts = 1'000;
    return options;
  }
};

/// Forgets that a task was submitted.
class Lossy : public Mistaken {
 public:
  using Mistaken::Mistaken;
  std::optional<Claim> claim(Asker& asker, const Instant& at) override {
    if (find_oldest_is_lost()) return std::nullopt;
    return Mistaken::claim(asker, at);
  }

 private:
  bool find_oldest_is_lost() { return stats().total > 200; }
};

template <typename Store>
MakeStore making() {
  return [](const StoreOptions& options, PayloadStore& payloads) {
    return std::make_unique<Store>(options, payloads);
  };
}

struct Case {
  std::string name;
  MakeStore make_store;
  std::string invariant;
};

class SimulationOfAMistake : public ::testing::TestWithParam<Case> {};

TEST_P(SimulationOfAMistake, FindsIt) {
  std::string found;
  for (std::uint64_t seed = 1; seed <= 5 && found.empty(); ++seed) {
    try {
      simulate({.seed = seed, .steps = 200'000, .make_store = GetParam().make_store});
    } catch (const Violation& violation) {
      found = violation.what();
    }
  }
  EXPECT_THAT(found, HasSubstr(GetParam().invariant));
}

INSTANTIATE_TEST_SUITE_P(Each, SimulationOfAMistake,
                         ::testing::Values(Case{"Unfenced", making<Unfenced>(), "stale-is-void"},
                                           Case{"Endless", making<Endless>(), "leases-end"},
                                           Case{"Loyal", making<Loyal>(), "nothing-lost"},
                                           Case{"Keyless", making<Keyless>(), "one-task-per-key"},
                                           Case{"Credulous", making<Credulous>(), "stale-is-void"},
                                           Case{"Patient", making<Patient>(), "attempts-bounded"},
                                           Case{"Lossy", making<Lossy>(), "nothing-lost"}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace enxame::coordinator::simulation
