#include "coordinator/worker_registry.h"

#include <gtest/gtest.h>

namespace enxame {
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

TEST_F(WorkerRegistryTest, ListsByNameAndKeepsNoNameless) {
  registry_.saw("", now_);
  for (const char* name : {"b", "a", "c"}) registry_.saw(name, now_);
  registry_.completed("a");
  const auto list = registry_.list(now_ + milliseconds(5));
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].id, "a");
  EXPECT_EQ(list[0].completed, 1u);
  EXPECT_EQ(list[0].since_seen, milliseconds(5));
  EXPECT_EQ(list[2].id, "c");
}

TEST_F(WorkerRegistryTest, ForgetsTheSilentOneThatWasSeenLongestAgo) {
  registry_.saw("holds", now_);
  registry_.took_task("holds");
  for (std::size_t i = 1; i < WorkerRegistry::kMaxWorkers; ++i) {
    registry_.saw("w" + std::to_string(i), now_ + milliseconds(i));
  }
  registry_.saw("no room", now_);
  EXPECT_EQ(registry_.list(now_).size(), WorkerRegistry::kMaxWorkers);
  // Who was not let in leaves no trace.
  registry_.began_to_wait("no room");
  registry_.ended_to_wait("no room");

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

}  // namespace
}  // namespace enxame
