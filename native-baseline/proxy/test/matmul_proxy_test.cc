#include "native-baseline/proxy/matmul_proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "matmul/test/example.h"
#include "matmul/timing/stopwatch.h"
#include "native-baseline/rpc/worker_server.h"
#include "native-baseline/test/support.h"

namespace enxame::native {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<rpc::WorkerAddress> addresses(const std::deque<TestWorker>& workers) {
  std::vector<rpc::WorkerAddress> list;
  for (const TestWorker& worker : workers) list.push_back(worker.address());
  return list;
}

TEST(MatmulProxyTest, MultipliesOnAWorkerAndNamesIt) {
  TestWorker worker;
  MatmulProxy proxy({worker.address()});
  const Product product = proxy.multiply(kA, kB);
  EXPECT_EQ(product.matrix, kC);
  EXPECT_EQ(product.worker, to_string(worker.address()));
}

TEST(MatmulProxyTest, ThePhasesAddUpToTheTimeThatTheCallerSees) {
  TestWorker worker;
  MatmulProxy proxy({worker.address()});
  const Matrix a = random_matrix<double>({100, 100}, 1);
  const Matrix b = random_matrix<double>({100, 100}, 2);
  double best_share = 0;
  for (int i = 0; i < 200 && best_share <= 0.99; ++i) {
    Stopwatch watch;
    const Product product = proxy.multiply(a, b);  // whose memory is given back after the lap
    const Duration seen = watch.lap();
    const Phases& phases = product.phases;
    for (const Duration phase :
         {phases.submit, phases.queue, phases.dispatch, phases.worker.decode, phases.worker.compute,
          phases.worker.encode, phases.return_trip, phases.collect}) {
      EXPECT_GT(phase, 0ns);
    }
    EXPECT_LE(2 * phases.clock_error, seen);
    EXPECT_LE(phases.total(), seen);
    best_share = std::max(best_share, static_cast<double>(phases.total().count()) /
                                          static_cast<double>(seen.count()));
  }
  EXPECT_GT(best_share, 0.99);  // in the best of them, whatever else the machine does
}

/// A `product` message of a worker whose clock is read when it has the task and when it sends.
std::string product_message(std::uint64_t call_id, const std::function<Duration()>& clock) {
  const Duration received_at = clock();
  std::string message = wire::encode_product(call_id, kC, {});
  const std::array<Duration, 2> readings{received_at, clock()};
  std::memcpy(message.data() + wire::kMessageHeaderBytes + 24, readings.data(), sizeof readings);
  return message;
}

TEST(MatmulProxyTest, TellsTheWaysApartWhateverTheWorkersClockShows) {
  constexpr Duration kHold = 30ms;
  const auto workers_now = [] { return net::Clock::now().time_since_epoch() + 5h; };
  FakeWorker worker([&](auto& socket) {
    for (int call = 1; const auto id = read_request(socket); ++call) {
      if (call == 2) std::this_thread::sleep_for(kHold);  // time is what is tested
      const std::string answer = product_message(id, workers_now);
      if (call == 3) std::this_thread::sleep_for(kHold);
      write_all(socket, answer);
    }
  });
  MatmulProxy proxy({worker.address()});
  const Duration ways = proxy.multiply(kA, kB).phases.clock_error;
  const Phases late_to_come = proxy.multiply(kA, kB).phases;
  EXPECT_GE(late_to_come.dispatch + late_to_come.clock_error, kHold);
  EXPECT_LE(late_to_come.clock_error, ways) << "what was known of the clock is not forgotten";
  const Phases late_to_go = proxy.multiply(kA, kB).phases;
  EXPECT_GE(late_to_go.return_trip + late_to_go.clock_error, kHold);
}

TEST(MatmulProxyTest, AWorkerThatDoesNotSayWhenHasWaysOfEqualLength) {
  FakeWorker worker([&](auto& socket) {
    const auto id = read_request(socket);
    std::this_thread::sleep_for(5ms);
    write_all(socket, product_message(id, [] { return Duration::zero(); }));
  });
  MatmulProxy proxy({worker.address()});
  const Phases phases = proxy.multiply(kA, kB).phases;
  EXPECT_GE(phases.dispatch, 2ms);
  EXPECT_LE(phases.return_trip - phases.dispatch, 1ns);
  EXPECT_EQ(phases.clock_error, phases.return_trip);
}

TEST(MatmulProxyTest, SixteenThreadsGetTheirOwnProductsFromThreeWorkers) {
  std::deque<TestWorker> workers(3);
  MatmulProxy proxy(addresses(workers), {.calls_per_worker = 2});
  std::mutex mutex;
  std::set<std::string> answered;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      for (std::size_t round = 0; round < 25; ++round) {
        const Matrix a = random_matrix<double>({i + 1, 9}, 100 * i + round);
        const Matrix b = random_matrix<double>({9, round + 1}, 7 * i + round);
        const Product product = proxy.multiply(a, b);
        EXPECT_EQ(product.matrix, plain_product(a, b));
        const std::lock_guard lock(mutex);
        answered.insert(product.worker);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered.size(), 3u);
}

TEST(MatmulProxyTest, AMatrixLargerThanTheFirstPieceOfMemoryArrivesWhole) {
  TestWorker worker;
  MatmulProxy proxy({worker.address()});
  const Matrix a = random_matrix<double>({700, 2}, 1);
  const Matrix b = random_matrix<double>({2, 900}, 2);
  EXPECT_EQ(proxy.multiply(a, b).matrix, plain_product(a, b));
}

TEST(MatmulProxyTest, ACallWaitsItsTurnAndThatIsTheQueuePhase) {
  HeldMatmul held;
  rpc::WorkerServer server({}, held);
  MatmulProxy proxy({{"127.0.0.1", server.port()}});
  auto first = std::async(std::launch::async, [&] { return proxy.multiply(kA, kB); });
  held.wait_begun(1);
  auto second = std::async(std::launch::async, [&] { return proxy.multiply(kA, kB); });
  EXPECT_EQ(second.wait_for(200ms), std::future_status::timeout);
  EXPECT_EQ(held.begun(), 1);
  held.release();
  EXPECT_LT(first.get().phases.queue, 100ms);
  EXPECT_GT(second.get().phases.queue, 100ms);
}

TEST(MatmulProxyTest, AWaitForItsTurnAtTheWorkerIsQueueToo) {
  HeldMatmul held;
  rpc::WorkerServer server({}, held);
  MatmulProxy one({{"127.0.0.1", server.port()}});
  MatmulProxy other({{"127.0.0.1", server.port()}});
  auto first = std::async(std::launch::async, [&] { return one.multiply(kA, kB); });
  held.wait_begun(1);
  auto second = std::async(std::launch::async, [&] { return other.multiply(kA, kB); });
  EXPECT_EQ(second.wait_for(200ms), std::future_status::timeout);
  held.release();
  first.get();
  EXPECT_GT(second.get().phases.queue, 100ms);
}

TEST(MatmulProxyTest, RefusesShapesThatDoNotMultiplyWithoutAskingAnybody) {
  MatmulProxy proxy({refusing_address()});
  EXPECT_THROW(proxy.multiply(Matrix(2, 3), Matrix(2, 3)), ShapeError);
}

TEST(MatmulProxyTest, RefusesATaskThatIsTooLargeForTheWire) {
  TestWorker worker;
  MatmulProxy proxy({worker.address()}, {.max_payload_bytes = 4096});
  EXPECT_THAT([&] { proxy.multiply(Matrix(30, 30), Matrix(30, 1)); },
              ThrowsMessage<TaskRefused>(HasSubstr("the factors would take 7616 bytes")));
  EXPECT_THAT([&] { proxy.multiply(Matrix(100, 1), Matrix(1, 100)); },
              ThrowsMessage<TaskRefused>(HasSubstr("the product would take 80128 bytes")));
}

TEST(MatmulProxyTest, ATaskThatAWorkerRefusesIsNotTriedElsewhere) {
  rpc::WorkerServerOptions small;
  small.max_payload_bytes = 4096;
  std::deque<TestWorker> workers;
  for (int i = 0; i < 2; ++i) workers.emplace_back(small);
  MatmulProxy proxy(addresses(workers));
  EXPECT_THAT([&] { proxy.multiply(Matrix(100, 1), Matrix(1, 100)); },
              ThrowsMessage<TaskRefused>(
                  HasSubstr(to_string(workers[0].address()) + " refuses: the product, 100 × 100")));
  EXPECT_EQ(proxy.multiply(kA, kB).matrix, kC);
}

TEST(MatmulProxyTest, FindsAWorkerAgainThatWasRestartedOnItsPort) {
  auto worker = std::make_unique<TestWorker>();
  const rpc::WorkerAddress address = worker->address();
  MatmulProxy proxy({address}, {.first_back_off = 1ms, .max_back_off = 1ms});
  EXPECT_EQ(proxy.multiply(kA, kB).matrix, kC);
  rpc::WorkerServerOptions same_port;
  same_port.port = address.port;
  worker.reset();
  worker = std::make_unique<TestWorker>(same_port);
  // The kept connection is dead, which the proxy notices before it sends anything on it.
  EXPECT_EQ(proxy.multiply(kA, kB).matrix, kC);
  worker.reset();
  EXPECT_THROW(proxy.multiply(kA, kB), WorkersUnavailable);
  worker = std::make_unique<TestWorker>(same_port);
  std::this_thread::sleep_for(2ms);  // passes the back-off: time is what is tested
  EXPECT_EQ(proxy.multiply(kA, kB).matrix, kC);
}

TEST(MatmulProxyTest, ItsDestructorFailsTheCallsThatAreOutstanding) {
  FakeWorker silent([](auto& socket) { read_all(socket); });
  std::vector<std::future<Product>> calls;
  {
    MatmulProxy proxy({silent.address()}, {.calls_per_worker = 2});
    for (int i = 0; i < 4; ++i) {  // two on the wire, two in the queue
      calls.push_back(std::async(std::launch::async, [&] { return proxy.multiply(kA, kB); }));
    }
    for (auto& call : calls) EXPECT_EQ(call.wait_for(20ms), std::future_status::timeout);
  }
  for (auto& call : calls) EXPECT_THROW(call.get(), std::runtime_error);
}

TEST(MatmulProxyTest, NeedsWorkersEachNamedOnce) {
  EXPECT_THROW(MatmulProxy({}), std::invalid_argument);
  EXPECT_THROW(MatmulProxy({{"a", 1}, {"b", 1}, {"a", 1}}), std::invalid_argument);
}

}  // namespace
}  // namespace enxame::native
