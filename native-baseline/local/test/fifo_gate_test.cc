#include "native-baseline/local/fifo_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "native-baseline/local/local_matmul.h"
#include "native-baseline/test/support.h"

namespace enxame::native {
namespace {

using native::plain_product;

TEST(FifoGateTest, LetsNoMoreThanItsPlacesIn) {
  FifoGate gate(3);
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        const FifoGate::Pass pass(gate);
        const int now = ++inside;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        std::this_thread::yield();
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(inside, 0);
  EXPECT_LE(most, 3);
}

TEST(FifoGateTest, ServesInTheOrderOfArrival) {
  FifoGate gate(1);
  std::vector<int> order;
  std::vector<std::thread> threads;
  std::optional<FifoGate::Pass> held(std::in_place, gate);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const FifoGate::Pass pass(gate);
      order.push_back(i);  // guarded by the pass
    });
    while (gate.waiting() < static_cast<std::size_t>(i) + 1) std::this_thread::yield();
  }
  held.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(order, ::testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(FifoGateTest, NeedsAPlace) { EXPECT_THROW(FifoGate(0), std::invalid_argument); }

TEST(LocalMatmulTest, MultipliesAndSaysHowLongItTook) {
  const Matrix a = random_matrix<double>({30, 40}, 1);
  const Matrix b = random_matrix<double>({40, 20}, 2);
  const Product product = LocalMatmul(Kernel::naive).multiply(a, b);
  const Matrix expected = plain_product(a, b);
  for (std::size_t i = 0; i < expected.shape().size(); ++i) {
    EXPECT_NEAR(product.matrix.values()[i], expected.values()[i], 1e-12);
  }
  EXPECT_EQ(product.worker, "");
  EXPECT_GT(product.phases.worker.compute.count(), 0);
  EXPECT_EQ(product.phases.total(), product.phases.worker.compute);
}

TEST(LocalMatmulTest, WaitingForOthersIsTheQueuePhase) {
  LocalMatmul matmul(Kernel::naive, 1);
  const Matrix a = random_matrix<double>({160, 160}, 1);
  std::vector<std::thread> threads;
  std::atomic<int> queued = 0;
  // On a busy machine the threads may take turns for a while without ever meeting at the gate.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (queued == 0 && std::chrono::steady_clock::now() < deadline) {
        const Phases phases = matmul.multiply(a, a).phases;
        if (phases.queue > phases.worker.compute / 2) ++queued;
        EXPECT_EQ(phases.total(), phases.queue + phases.worker.compute);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(queued, 0);
}

TEST(LocalMatmulTest, RefusesShapesThatDoNotMultiply) {
  LocalMatmul matmul(Kernel::naive, 2);
  EXPECT_THROW(matmul.multiply(Matrix(2, 3), Matrix(2, 3)), ShapeError);
}

}  // namespace
}  // namespace enxame::native
