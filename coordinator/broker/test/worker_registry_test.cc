#include "coordinator/broker/worker_registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace enxame::coordinator {
namespace {

using std::chrono::milliseconds;

class WorkerRegistryTest : public testing::Test {
 protected:
  WorkerState state() { return registry_.list(now_).at(0).state; }

  WorkerRegistry registry_;
  WorkerRegistry::TimePoint now_{milliseconds(1'000'000)};
};

TEST_F(WorkerRegistryTest, AWorkerIsAskingWhileItWaitsAndShortlyAfter) {
  registry_.saw("w", now_);
  registry_.began_to_wait("w");
  now_ += WorkerRegistry::kAskingGrace * 10;
  EXPECT_EQ(state(), WorkerState::asking);
  registry_.ended_to_wait("w");
  EXPECT_EQ(state(), WorkerState::silent);
  registry_.saw("w", now_);
  now_ += WorkerRegistry::kAskingGrace - milliseconds(1);
  EXPECT_EQ(state(), WorkerState::asking);
  now_ += milliseconds(1);
  EXPECT_EQ(state(), WorkerState::silent);
}

TEST_F(WorkerRegistryTest, AWorkerWorksWhileItHoldsATask) {
  registry_.saw("w", now_);
  registry_.took_task("w");
  registry_.took_task("w");
  registry_.let_task_go("w");
  now_ += WorkerRegistry::kAskingGrace * 10;
  EXPECT_EQ(state(), WorkerState::working);
  EXPECT_EQ(registry_.present(now_), 1u);
  registry_.let_task_go("w");
  EXPECT_EQ(registry_.present(now_), 0u);
}

TEST_F(WorkerRegistryTest, ListsThoseThatHaveAName) {
  registry_.saw("", now_);
  for (const char* name : {"b", "a", "c"}) registry_.saw(name, now_);
  registry_.completed("a");
  auto list = registry_.list(now_ + milliseconds(5));
  ASSERT_EQ(list.size(), 3u);
  std::ranges::sort(list, {}, &WorkerView::id);
  EXPECT_EQ(list[0].id, "a");
  EXPECT_EQ(list[0].completed, 1u);
  EXPECT_EQ(list[0].since_seen, milliseconds(5));
  EXPECT_EQ(list[2].id, "c");
}

TEST_F(WorkerRegistryTest, ForgetsTheIdleOneThatWasSeenLongestAgo) {
  registry_.saw("holds", now_);
  registry_.took_task("holds");
  for (std::size_t i = 1; i < WorkerRegistry::kMaxWorkers; ++i) {
    registry_.saw("w" + std::to_string(i), now_ + milliseconds(i));
  }
  now_ += milliseconds(WorkerRegistry::kMaxWorkers) + WorkerRegistry::kAskingGrace;
  registry_.saw("new", now_);
  const auto list = registry_.list(now_);
  EXPECT_EQ(list.size(), WorkerRegistry::kMaxWorkers);
  const auto has = [&](const std::string& id) {
    return std::any_of(list.begin(), list.end(), [&](const auto& each) { return each.id == id; });
  };
  EXPECT_TRUE(has("new"));
  EXPECT_TRUE(has("holds"));
  EXPECT_FALSE(has("w1"));
  EXPECT_TRUE(has("w2"));
}

TEST_F(WorkerRegistryTest, MadeUpNamesKeepNobodyOut) {
  const auto knows = [&](const std::string& id) {
    const auto list = registry_.list(now_);
    return std::ranges::any_of(list, [&](const WorkerView& each) { return each.id == id; });
  };
  registry_.saw("proven", now_);
  registry_.completed("proven");
  now_ += milliseconds(1);
  for (std::size_t i = 0; i < 2 * WorkerRegistry::kMaxWorkers; ++i) {
    registry_.saw("made-up" + std::to_string(i), now_);
  }
  registry_.saw("honest", now_);
  EXPECT_TRUE(knows("honest"));
  EXPECT_TRUE(knows("proven"));
  EXPECT_EQ(registry_.list(now_).size(), WorkerRegistry::kMaxWorkers);
}

TEST_F(WorkerRegistryTest, MadeUpNamesThatHoldTasksKeepNobodyOut) {
  registry_.saw("proven", now_);
  registry_.completed("proven");
  for (std::size_t i = 0; i < WorkerRegistry::kMaxWorkers; ++i) {
    const std::string name = "made-up" + std::to_string(i);
    registry_.saw(name, now_);
    registry_.took_task(name);
  }
  EXPECT_EQ(registry_.reliable(), 0u);
  registry_.saw("honest", now_);
  registry_.began_to_wait("honest");
  EXPECT_EQ(registry_.reliable(), 1u);
  registry_.took_task("proven");
  const auto list = registry_.list(now_);
  const auto has = [&](const char* id) {
    return std::ranges::any_of(list, [&](const WorkerView& each) { return each.id == id; });
  };
  EXPECT_TRUE(has("honest"));
  EXPECT_TRUE(has("proven"));
  EXPECT_EQ(registry_.reliable(), 2u);
}

TEST_F(WorkerRegistryTest, TurnsOneAwayWhenAllOthersWait) {
  for (std::size_t i = 0; i < WorkerRegistry::kMaxWorkers; ++i) {
    const std::string name = "w" + std::to_string(i);
    registry_.saw(name, now_);
    registry_.began_to_wait(name);
  }
  EXPECT_FALSE(registry_.saw("no room", now_));
  // Who was not let in leaves no trace.
  registry_.began_to_wait("no room");
  registry_.ended_to_wait("no room");
  EXPECT_EQ(registry_.present(now_), WorkerRegistry::kMaxWorkers);
  registry_.ended_to_wait("w7");
  EXPECT_TRUE(registry_.saw("room now", now_));
  EXPECT_EQ(registry_.present(now_), WorkerRegistry::kMaxWorkers);
}

TEST_F(WorkerRegistryTest, TellsWhenOneBecomesPresent) {
  EXPECT_TRUE(registry_.saw("w", now_));
  EXPECT_FALSE(registry_.saw("w", now_));
  registry_.took_task("w");
  now_ += WorkerRegistry::kAskingGrace * 2;
  EXPECT_FALSE(registry_.saw("w", now_)) << "it was working";
  registry_.let_task_go("w");
  now_ += WorkerRegistry::kAskingGrace;
  EXPECT_EQ(registry_.present(now_), 0u);
  EXPECT_TRUE(registry_.saw("w", now_));
  EXPECT_EQ(registry_.present(now_), 1u);
}

/// Counts and states agree whatever happens in whatever order.
TEST_F(WorkerRegistryTest, CountsThoseThatItListsAsPresent) {
  std::mt19937 random(7);
  for (int step = 0; step < 20'000; ++step) {
    const std::string name = "w" + std::to_string(random() % 20);
    switch (random() % 7) {
      case 0:
        registry_.began_to_wait(name);
        break;
      case 1:
        registry_.ended_to_wait(name);
        registry_.saw(name, now_);  // as a store does
        break;
      case 2:
        registry_.saw(name, now_);
        registry_.took_task(name);
        break;
      case 3:
        registry_.let_task_go(name);
        registry_.saw(name, now_);
        break;
      case 4:
        registry_.saw(name, now_);
        registry_.completed(name);
        break;
      case 5:
        registry_.saw(name, now_);
        break;
      case 6:
        now_ += milliseconds(random() % 1'500);
        break;
    }
    const auto list = registry_.list(now_);
    const auto present = std::ranges::count_if(
        list, [](const WorkerView& each) { return each.state != WorkerState::silent; });
    ASSERT_EQ(registry_.present(now_), static_cast<std::size_t>(present)) << "step " << step;
  }
}

TEST_F(WorkerRegistryTest, OneThatWasOnlyDescribedIsSilent) {
  registry_.describe("w", {"native", "simd"}, now_);
  EXPECT_EQ(state(), WorkerState::silent);
  EXPECT_EQ(registry_.present(now_), 0u);
  const WorkerView view = registry_.list(now_).at(0);
  EXPECT_EQ(view.description.engine, "native");
  EXPECT_EQ(view.description.kernel, "simd");
  registry_.saw("w", now_);
  EXPECT_EQ(state(), WorkerState::asking);
  registry_.describe("", {}, now_);
  EXPECT_EQ(registry_.list(now_).size(), 1u);
}

TEST_F(WorkerRegistryTest, OneThatIsNotAdmittedIsNotCountedOnAndNotForgotten) {
  EXPECT_FALSE(registry_.admit("w", Admission::quarantined, "it lied"));
  registry_.saw("w", now_);
  EXPECT_TRUE(registry_.admit("w", Admission::quarantined, "it lied"));
  registry_.began_to_wait("w");
  EXPECT_EQ(registry_.reliable(), 0u);
  EXPECT_EQ(*registry_.why_not_admitted("w"), "it lied");
  registry_.ended_to_wait("w");
  for (std::size_t i = 0; i < 2 * WorkerRegistry::kMaxWorkers; ++i) {
    registry_.saw("other" + std::to_string(i), now_ += milliseconds(1));
  }
  EXPECT_EQ(registry_.admission_of("w"), Admission::quarantined);
  registry_.admit("w", Admission::admitted, "");
  EXPECT_EQ(registry_.why_not_admitted("w"), nullptr);
}

TEST_F(WorkerRegistryTest, ThoseNotAdmittedKeepNobodyOut) {
  const auto set_aside = [&](const std::string& name, Admission admission) {
    registry_.saw(name, now_);
    registry_.admit(name, admission, "so");
  };
  set_aside("liar", Admission::quarantined);
  for (std::size_t i = 1; i < WorkerRegistry::kMaxWorkers; ++i) {
    set_aside("drained" + std::to_string(i), Admission::draining);
  }
  registry_.saw("new", now_ += WorkerRegistry::kAskingGrace - milliseconds(1));
  EXPECT_FALSE(registry_.admit("new", Admission::draining, "")) << "nobody has been silent so long";
  registry_.saw("liar", now_ += milliseconds(1));
  registry_.saw("new", now_);
  EXPECT_TRUE(registry_.admit("new", Admission::admitted, ""));
  EXPECT_EQ(registry_.admission_of("drained1"), Admission::admitted) << "forgotten";
  EXPECT_EQ(registry_.admission_of("liar"), Admission::quarantined) << "it still asks";
}

TEST_F(WorkerRegistryTest, CountsWhatCameBack) {
  registry_.saw("w", now_);
  registry_.failed("w");
  registry_.failed("unknown");
  EXPECT_EQ(registry_.list(now_).at(0).failed, 1u);
}

}  // namespace
}  // namespace enxame::coordinator
