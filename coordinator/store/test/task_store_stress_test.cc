#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "coordinator/broker/test/test_broker.h"

namespace enxame::coordinator {
namespace {

using std::chrono::milliseconds;

constexpr int kThreads = 16;

class TaskStoreStress : public testing::TestWithParam<StoreKind> {};

INSTANTIATE_TEST_SUITE_P(Stores, TaskStoreStress, testing::ValuesIn(store_kinds()),
                         testing::PrintToStringParamName());

TEST_P(TaskStoreStress, EachTaskIsClaimedExactlyOnce) {
  constexpr int kTasks = 4'000;
  TestBroker store(GetParam());
  std::vector<std::vector<TaskId>> claimed(kThreads);
  std::vector<std::thread> workers;
  for (int i = 0; i < kThreads; ++i) {
    workers.emplace_back([&, i] {
      const std::string name = "w" + std::to_string(i);
      while (const auto claim = store.claim(name, kLong, still_there)) {
        claimed[static_cast<std::size_t>(i)].push_back(claim->id);
        store.complete(claim->id, name, text_product());
      }
    });
  }
  std::vector<std::thread> submitters;
  for (int i = 0; i < 4; ++i) {
    submitters.emplace_back([&] {
      for (int k = 0; k < kTasks / 4; ++k) {
        const TaskId id = store.submit(operands());
        if (k % 8 == 0) {
          EXPECT_EQ(store.result(id, kLong).state, TaskState::completed);
        }
      }
    });
  }
  for (std::thread& submitter : submitters) submitter.join();
  for (TaskId id = 1; id <= kTasks; ++id) {
    EXPECT_EQ(store.result(id, kLong).state, TaskState::completed);
  }
  store.close();
  for (std::thread& worker : workers) worker.join();

  std::set<TaskId> distinct;
  std::size_t total = 0;
  for (const auto& ids : claimed) {
    distinct.insert(ids.begin(), ids.end());
    total += ids.size();
  }
  EXPECT_EQ(total, static_cast<std::size_t>(kTasks));
  EXPECT_EQ(distinct.size(), static_cast<std::size_t>(kTasks));
}

/// A task meets one claimant whose time is just up: it must reach it or stay in the queue, never
/// neither.
TEST_P(TaskStoreStress, NoWakeUpIsLostWhenTimesRunOut) {
  TestBroker store(GetParam());
  std::atomic<int> claimed = 0;
  std::vector<std::thread> workers;
  std::atomic<bool> stop = false;
  for (int i = 0; i < kThreads; ++i) {
    workers.emplace_back([&] {
      while (!stop) {
        if (store.claim("w", milliseconds(1), still_there)) ++claimed;
      }
    });
  }
  constexpr int kTasks = 1'000;
  for (int i = 0; i < kTasks; ++i) {
    store.submit(operands());
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  eventually([&] { return claimed == kTasks; });
  stop = true;
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(store.stats().queued, 0u);
}

/// Claims are given back, rejected, left to run out and completed all at once; every task ends, and
/// once.
TEST_P(TaskStoreStress, EveryTaskEndsWhateverItsHoldersDo) {
  constexpr TaskId kTasks = 600;
  TestBroker store(
      GetParam(),
      {.lease = milliseconds(1), .hold = milliseconds(1), .limits = {.attempts = 1'000}});
  std::vector<std::thread> workers;
  for (int i = 0; i < kThreads; ++i) {
    workers.emplace_back([&, i] {
      const std::string name = "w" + std::to_string(i);
      for (int turn = i; const auto claim = store.claim(name, kLong, still_there); ++turn) {
        try {
          if (turn % 4 == 0) store.requeue(*claim);
          if (turn % 8 == 1) store.nack(claim->id, name, "no product");
          if (turn % 8 == 5) store.abandon(*claim, "gone");
          if (turn % 4 >= 2) store.complete(claim->id, name, text_product());
        } catch (const NotHeld&) {
          // The lease ran out in the meantime, which this test wants to happen.
        }
      }
    });
  }
  // Real ones: a product that comes after the lease has run out is verified.
  for (TaskId id = 1; id <= kTasks; ++id) store.submit(operands_of_one());
  for (TaskId id = 1; id <= kTasks; ++id) {
    EXPECT_EQ(store.result(id, kLong).state, TaskState::completed);
  }
  store.close();
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(store.stats().completed, kTasks);
  EXPECT_EQ(store.stats().active, 0u);
  EXPECT_EQ(store.stats().queued, 0u);
}

}  // namespace
}  // namespace enxame::coordinator
