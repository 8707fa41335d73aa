#include "native-baseline/proxy/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

namespace enxame::native {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::Pair;

const WorkerFailure kGone{"gone"};

WorkerPoolOptions options(std::size_t workers, std::size_t calls_per_worker = 1) {
  return {workers, calls_per_worker, 1h, 1h};  // a back-off that no test outlives
}

std::size_t acquire_any(WorkerPool& pool) {
  WorkerFailures failures;
  return pool.acquire(failures).value();
}

TEST(WorkerPoolTest, WorkersTakeTurns) {
  WorkerPool pool(options(3));
  std::vector<std::size_t> order;
  for (int i = 0; i < 6; ++i) {
    order.push_back(acquire_any(pool));
    pool.release(order.back(), std::nullopt);
  }
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 0, 1, 2));
}

TEST(WorkerPoolTest, TakesTheWorkerWithTheFewestCalls) {
  WorkerPool pool(options(3, 2));
  for (int i = 0; i < 5; ++i) acquire_any(pool);  // 2, 2, 1
  EXPECT_EQ(acquire_any(pool), 2u);
  pool.release(1, std::nullopt);
  EXPECT_EQ(acquire_any(pool), 1u);
}

TEST(WorkerPoolTest, ACallWaitsForASlotAndGetsTheOneThatIsGivenBack) {
  WorkerPool pool(options(2));
  acquire_any(pool);
  acquire_any(pool);
  auto waiting = std::async(std::launch::async, [&] { return acquire_any(pool); });
  EXPECT_EQ(waiting.wait_for(20ms), std::future_status::timeout);
  pool.release(1, std::nullopt);
  EXPECT_EQ(waiting.get(), 1u);
}

TEST(WorkerPoolTest, ACallDoesNotGoWhereItHasFailed) {
  WorkerPool pool({2, 1, 0ms, 0ms});
  WorkerFailures failures;
  const auto first = pool.acquire(failures);
  failures[*first] = kGone;
  pool.release(*first, kGone);
  const auto second = pool.acquire(failures);
  EXPECT_NE(first, second);
  failures[*second] = kGone;
  pool.release(*second, kGone);
  EXPECT_EQ(pool.acquire(failures), std::nullopt);
}

TEST(WorkerPoolTest, AWorkerThatFailedIsLeftAloneByOthersToo) {
  WorkerPool pool(options(2));
  EXPECT_EQ(acquire_any(pool), 0u);
  pool.release(0, kGone);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(acquire_any(pool), 1u);
    pool.release(1, std::nullopt);
  }
}

TEST(WorkerPoolTest, AWorkerInQuarantineIsTakenNoMore) {
  WorkerPool pool({2, 2, 0ms, 0ms});
  EXPECT_EQ(acquire_any(pool), 0u);
  EXPECT_TRUE(pool.quarantine(0, WorkerFailure{"quarantined"}));
  EXPECT_FALSE(pool.quarantine(0, WorkerFailure{"quarantined again"}));
  EXPECT_EQ(pool.quarantined(), 1u);
  pool.release(0, std::nullopt);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(acquire_any(pool), 1u);
}

TEST(WorkerPoolTest, WhoWaitsForAWorkerLearnsOfItsQuarantine) {
  WorkerPool pool(options(1, 2));
  acquire_any(pool);
  acquire_any(pool);
  auto waiting = std::async(std::launch::async, [&] {
    WorkerFailures failures;
    EXPECT_EQ(pool.acquire(failures), std::nullopt);
    return failures;
  });
  EXPECT_EQ(waiting.wait_for(20ms), std::future_status::timeout);
  pool.quarantine(0, WorkerFailure{"quarantined"});
  pool.release(0, std::nullopt);
  pool.release(0, kGone);  // what becomes of its other calls does not hide the reason
  EXPECT_EQ(waiting.get().at(0).what, "quarantined");
  WorkerFailures later;
  EXPECT_EQ(pool.acquire(later), std::nullopt);
  EXPECT_EQ(later.at(0).what, "quarantined");
}

TEST(WorkerPoolTest, WhenAllAreLeftAloneACallLearnsWhyAtOnce) {
  WorkerPool pool(options(2));
  acquire_any(pool);
  acquire_any(pool);
  auto waiting = std::async(std::launch::async, [&] {
    WorkerFailures failures;
    EXPECT_EQ(pool.acquire(failures), std::nullopt);
    return failures;
  });
  pool.release(0, WorkerFailure{"refused"});
  pool.release(1, WorkerFailure{"silent", true});
  const WorkerFailures failures = waiting.get();
  EXPECT_EQ(failures.at(0).what, "refused");
  EXPECT_EQ(failures.at(1).what, "silent");
  EXPECT_TRUE(failures.at(1).timed_out);
}

TEST(WorkerPoolTest, AWorkerIsTriedAgainWhenItsBackOffEndsEvenByACallThatWaits) {
  WorkerPool pool({2, 1, 30ms, 1h});
  acquire_any(pool);
  acquire_any(pool);  // never given back
  pool.release(0, kGone);
  EXPECT_EQ(acquire_any(pool), 0u);
}

TEST(WorkerPoolTest, OneCallAtATimeTriesWhetherAWorkerIsBack) {
  WorkerPool pool({1, 4, 1ms, 1ms});
  acquire_any(pool);
  pool.release(0, kGone);
  std::this_thread::sleep_for(2ms);  // passes the back-off: time is what is tested
  acquire_any(pool);
  auto second = std::async(std::launch::async, [&] { return acquire_any(pool); });
  EXPECT_EQ(second.wait_for(20ms), std::future_status::timeout);
  pool.release(0, std::nullopt);
  EXPECT_EQ(second.get(), 0u);
  EXPECT_EQ(acquire_any(pool), 0u);  // and now several may
}

TEST(WorkerPoolTest, ClosingFailsThoseWhoWaitAndThoseWhoCome) {
  WorkerPool pool(options(1));
  acquire_any(pool);
  auto waiting = std::async(std::launch::async, [&] { acquire_any(pool); });
  EXPECT_EQ(waiting.wait_for(20ms), std::future_status::timeout);
  pool.close();
  EXPECT_THROW(waiting.get(), std::runtime_error);
  EXPECT_THROW(acquire_any(pool), std::runtime_error);
}

TEST(WorkerPoolTest, ManyThreadsNeverExceedTheSlots) {
  WorkerPool pool(options(3, 2));
  std::vector<std::atomic<int>> in_flight(3);
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 300; ++round) {
        const std::size_t worker = acquire_any(pool);
        EXPECT_LE(++in_flight[worker], 2);
        std::this_thread::yield();
        --in_flight[worker];
        pool.release(worker, std::nullopt);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(WorkerPoolTest, NeedsAWorkerAndASlotAndABackOffThatGrows) {
  EXPECT_THROW(WorkerPool({1, 1, 2ms, 1ms}), std::invalid_argument);
  EXPECT_THROW(WorkerPool(options(0)), std::invalid_argument);
  EXPECT_THROW(WorkerPool(options(1, 0)), std::invalid_argument);
}

}  // namespace
}  // namespace enxame::native
