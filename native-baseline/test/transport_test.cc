#include "native-baseline/test/transport_test.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <deque>
#include <future>
#include <memory>
#include <set>
#include <thread>

#include "matmul/codec/text_codec.h"
#include "matmul/test/example.h"
#include "matmul/timing/stopwatch.h"
#include "native-baseline/local/service_time.h"
#include "native-baseline/origin_rpc/text_transport.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/test/support.h"
#include "testing/process.h"

namespace enxame::native {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A proxy of workers that are reached over the transport under test.
MatmulProxy proxy_of(std::vector<rpc::WorkerAddress> workers, ProxyOptions options = {}) {
  options.transport = TransportTest::GetParam();
  return MatmulProxy(std::move(workers), options);
}

testing::Process start_worker(std::vector<std::string> flags = {}) {
  flags.insert(flags.begin(),
               {MATMUL_WORKER, "--transport", std::string(to_string(TransportTest::GetParam()))});
  return testing::Process(flags);
}

rpc::WorkerAddress address_of(const testing::Process& worker) {
  return rpc::parse_worker_address(worker.listening_on());
}

TEST_P(TransportTest, MultipliesOnAWorkerAndNamesIt) {
  TestWorker worker({}, *GetParam());
  MatmulProxy proxy = proxy_of({worker.address()});
  for (int i = 0; i < 3; ++i) {
    const Product product = proxy.multiply(kA, kB);
    EXPECT_EQ(product.matrix, kC);
    EXPECT_EQ(product.worker, to_string(worker.address()));
  }
}

TEST_P(TransportTest, NumbersArriveAsTheyWere) {
  TestWorker worker({}, *GetParam());
  MatmulProxy proxy = proxy_of({worker.address()});
  for (const Shape shape : {Shape{1, 1}, Shape{7, 3}, Shape{90, 130}}) {
    const Matrix a = random_matrix<double>(shape, 1);
    const Matrix b = random_matrix<double>({shape.cols, shape.rows + 1}, 2);
    EXPECT_EQ(proxy.multiply(a, b).matrix, plain_product(a, b));
  }
}

TEST_P(TransportTest, TheWorkerTellsItsPhases) {
  TestWorker worker({}, *GetParam());
  MatmulProxy proxy = proxy_of({worker.address()});
  const Matrix a = random_matrix<double>({60, 60}, 1);
  Stopwatch watch;
  const Phases phases = proxy.multiply(a, a).phases;
  EXPECT_LE(phases.total(), watch.lap());
  for (const Duration phase : {phases.submit, phases.worker.decode, phases.worker.compute,
                               phases.worker.encode, phases.collect}) {
    EXPECT_GT(phase, 0ns);
  }
}

TEST_P(TransportTest, ManyThreadsGetTheirOwnProductsFromAllWorkers) {
  std::deque<TestWorker> workers;
  std::vector<rpc::WorkerAddress> addresses;
  for (int i = 0; i < 2; ++i) {
    addresses.push_back(workers.emplace_back(rpc::WorkerServerOptions{}, *GetParam()).address());
  }
  MatmulProxy proxy = proxy_of(addresses, {.calls_per_worker = 2});
  std::mutex mutex;
  std::set<std::string> answered;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (std::size_t round = 0; round < 20; ++round) {
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
  EXPECT_EQ(answered.size(), 2u);
}

TEST_P(TransportTest, ComputesOneTaskAtATime) {
  HeldMatmul held;
  const auto server = GetParam()->serve({}, held);
  MatmulProxy proxy = proxy_of({{"127.0.0.1", server->port()}}, {.calls_per_worker = 2});
  auto first = std::async(std::launch::async, [&] { return proxy.multiply(kA, kB); });
  auto second = std::async(std::launch::async, [&] { return proxy.multiply(kA, kB); });
  held.wait_begun(1);
  EXPECT_EQ(first.wait_for(50ms), std::future_status::timeout);
  EXPECT_EQ(held.begun(), 1);
  held.release();
  EXPECT_EQ(first.get().matrix, kC);
  EXPECT_EQ(second.get().matrix, kC);
}

TEST_P(TransportTest, ATaskThatAWorkerRefusesIsNotTriedElsewhere) {
  rpc::WorkerServerOptions small;
  small.max_payload_bytes = 20'000;
  TestWorker worker(small, *GetParam());
  MatmulProxy proxy = proxy_of({worker.address()});
  EXPECT_THAT([&] { proxy.multiply(Matrix(100, 1), Matrix(1, 100)); },
              ThrowsMessage<TaskRefused>(
                  HasSubstr(to_string(worker.address()) + " refuses: the product, 100 × 100")));
  EXPECT_EQ(proxy.multiply(kA, kB).matrix, kC);
}

TEST_P(TransportTest, ATaskThatIsTooLargeForAWorkerHarmsNobodyElse) {
  rpc::WorkerServerOptions small;
  small.max_payload_bytes = 2'000;
  TestWorker worker(small, *GetParam());
  MatmulProxy proxy = proxy_of({worker.address()}, {.first_back_off = 1ms, .max_back_off = 1ms});
  EXPECT_THROW(proxy.multiply(random_matrix<double>({100, 100}, 1), Matrix(100, 1)),
               WorkersUnavailable);
  std::this_thread::sleep_for(2ms);  // passes the back-off: time is what is tested
  EXPECT_EQ(proxy.multiply(kA, kB).matrix, kC);
}

TEST_P(TransportTest, AWorkerThatIsNotThereIsNamed) {
  const rpc::WorkerAddress nobody = refusing_address();
  MatmulProxy proxy = proxy_of({nobody});
  EXPECT_THAT([&] { proxy.multiply(kA, kB); },
              ThrowsMessage<WorkersUnavailable>(
                  AllOf(HasSubstr(to_string(nobody) + ": "), HasSubstr("Connection refused"))));
}

TEST_P(TransportTest, AnUnknownHostIsNamed) {
  MatmulProxy proxy = proxy_of({{"no-such-host.invalid", 7001}});
  EXPECT_THAT([&] { proxy.multiply(kA, kB); },
              ThrowsMessage<WorkersUnavailable>(HasSubstr("no-such-host.invalid:7001: ")));
}

TEST_P(TransportTest, BadWorkersLoseTheirCallsToGoodOnes) {
  const std::vector<FakeWorker::Behaviour> behaviours{
      [](auto& socket) { read_all(socket); },                          // silent
      [](auto&) {},                                                    // closes at once
      [](auto& socket) { read_bytes(socket, 10); },                    // closes when asked
      [](auto& socket) { write_all(socket, std::string(500, 'H')); },  // nonsense, unasked
      [](auto& socket) {
        read_bytes(socket, 60);
        write_all(socket, "{\"result\":\"[[1,2],[3,4]]\"}\r\r\r\rHTTP/1.1 200 OK\r\n\r\n");
      }};
  for (std::size_t i = 0; i < behaviours.size(); ++i) {
    FakeWorker bad(behaviours[i]);
    TestWorker good({}, *GetParam());
    MatmulProxy proxy = proxy_of({bad.address(), good.address()}, {.call_timeout = 500ms});
    for (int round = 0; round < 3; ++round) {
      const Product product = proxy.multiply(Matrix{{2, 0, 1}}, Matrix{{3}, {4}, {5}});
      EXPECT_EQ(product.matrix, Matrix({{11}})) << i;
      EXPECT_EQ(product.worker, to_string(good.address())) << i;
    }
  }
}

TEST_P(TransportTest, AWorkerWithAWrongProductLosesItToAnotherAndGetsNoMore) {
  LyingMatmul lying;
  const auto liar = GetParam()->serve({}, lying);
  TestWorker good({}, *GetParam());
  MatmulProxy proxy =
      proxy_of({{"127.0.0.1", liar->port()}, good.address()}, {.verify = Verify::all});
  for (int i = 0; i < 4; ++i) {
    const Product product = proxy.multiply(kA, kB);
    EXPECT_EQ(product.matrix, kC);
    EXPECT_EQ(product.worker, to_string(good.address()));
  }
  EXPECT_EQ(lying.lies(), 1);
}

TEST_P(TransportTest, SaysThatTimeRanOut) {
  FakeWorker silent([](auto& socket) { read_all(socket); });
  MatmulProxy proxy = proxy_of({silent.address()}, {.call_timeout = 100ms});
  try {
    proxy.multiply(kA, kB);
    ADD_FAILURE() << "no error";
  } catch (const WorkersUnavailable& error) {
    EXPECT_TRUE(error.timed_out());
    EXPECT_THAT(error.what(), HasSubstr("no answer within 100 ms"));
  }
}

TEST_P(TransportTest, FindsAWorkerAgainThatWasRestartedOnItsPort) {
  auto worker = std::make_unique<TestWorker>(rpc::WorkerServerOptions{}, *GetParam());
  MatmulProxy proxy = proxy_of({worker->address()}, {.first_back_off = 1ms, .max_back_off = 1ms});
  EXPECT_EQ(proxy.multiply(kA, kB).matrix, kC);
  rpc::WorkerServerOptions same_port;
  same_port.port = worker->address().port;
  worker.reset();
  worker = std::make_unique<TestWorker>(same_port, *GetParam());
  EXPECT_EQ(proxy.multiply(kA, kB).matrix, kC);
  worker.reset();
  EXPECT_THROW(proxy.multiply(kA, kB), WorkersUnavailable);
  worker = std::make_unique<TestWorker>(same_port, *GetParam());
  std::this_thread::sleep_for(2ms);  // passes the back-off: time is what is tested
  EXPECT_EQ(proxy.multiply(kA, kB).matrix, kC);
}

TEST_P(TransportTest, TheProxysDestructorFailsTheCallsThatAreOutstanding) {
  HeldMatmul first;
  HeldMatmul second;
  const auto one = GetParam()->serve({}, first);
  const auto two = GetParam()->serve({}, second);
  std::vector<std::future<Product>> calls;
  {
    MatmulProxy proxy = proxy_of({{"127.0.0.1", one->port()}, {"127.0.0.1", two->port()}});
    for (int i = 0; i < 2; ++i) {
      calls.push_back(std::async(std::launch::async, [&] { return proxy.multiply(kA, kB); }));
    }
    first.wait_begun(1);
    second.wait_begun(1);
  }
  for (auto& call : calls) EXPECT_THROW(call.get(), std::runtime_error);
  first.release();
  second.release();
}

TEST_P(TransportTest, TilesMakeTheProduct) {
  const Matrix a = random_matrix<double>({13, 9}, 1);
  const Matrix b = random_matrix<double>({9, 11}, 2);
  std::deque<TestWorker> workers;
  std::vector<rpc::WorkerAddress> addresses;
  for (int i = 0; i < 3; ++i) {
    addresses.push_back(workers.emplace_back(rpc::WorkerServerOptions{}, *GetParam()).address());
  }
  for (const SplitKind split : {SplitKind::rows, SplitKind::grid}) {
    MatmulProxy proxy = proxy_of(addresses, {.split = split});
    EXPECT_EQ(proxy.multiply(a, b).matrix, plain_product(a, b)) << to_string(split);
    // Fewer rows than workers, and a single element.
    EXPECT_EQ(proxy.multiply(Matrix{{1, 2}}, Matrix{{3}, {4}}).matrix, Matrix{{11}});
  }
}

TEST_P(TransportTest, DrainingAnswersWhatIsBeingComputedAndAcceptsNoMore) {
  HeldMatmul held;
  const auto server = GetParam()->serve({}, held);
  const rpc::WorkerAddress address{"127.0.0.1", server->port()};
  MatmulProxy proxy = proxy_of({address});
  auto call = std::async(std::launch::async, [&] { return proxy.multiply(kA, kB); });
  held.wait_begun(1);
  auto drained = std::async(std::launch::async, [&] { return server->drain(10s); });
  EXPECT_EQ(drained.wait_for(50ms), std::future_status::timeout);
  held.release();
  EXPECT_EQ(call.get().matrix, kC);
  EXPECT_TRUE(drained.get());
  EXPECT_THROW(proxy_of({address}).multiply(kA, kB), WorkersUnavailable);
}

TEST_P(TransportTest, DrainingGivesUpWhenItsPatienceEnds) {
  HeldMatmul held;
  const auto server = GetParam()->serve({}, held);
  MatmulProxy proxy = proxy_of({{"127.0.0.1", server->port()}});
  auto call = std::async(std::launch::async, [&] { return proxy.multiply(kA, kB); });
  held.wait_begun(1);
  EXPECT_FALSE(server->drain(50ms));
  EXPECT_THROW(call.get(), WorkersUnavailable);
  held.release();
}

TEST_P(TransportTest, WhatNobodyWaitsForAnyMoreIsNotComputed) {
  HeldMatmul held;
  const auto server = GetParam()->serve({}, held);
  const rpc::WorkerAddress address{"127.0.0.1", server->port()};
  MatmulProxy patient = proxy_of({address});
  auto call = std::async(std::launch::async, [&] { return patient.multiply(kA, kB); });
  held.wait_begun(1);
  EXPECT_THROW(proxy_of({address}, {.call_timeout = 50ms}).multiply(kA, kB), WorkersUnavailable);
  std::this_thread::sleep_for(100ms);  // the news travels: nothing tells that it has arrived
  held.release();
  EXPECT_EQ(call.get().matrix, kC);
  EXPECT_TRUE(server->drain(10s));
  EXPECT_EQ(held.begun(), 1);
}

TEST_P(TransportTest, SaysWhichAddressItCannotListenOn) {
  TestWorker worker({}, *GetParam());
  rpc::WorkerServerOptions options;
  options.port = worker.address().port;
  EXPECT_THAT([&] { TestWorker second(options, *GetParam()); },
              ThrowsMessage<std::runtime_error>(
                  HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(options.port))));
}

TEST_P(TransportTest, AWorkerKilledInTheMiddleOfATaskLosesItToAnother) {
  testing::Process stopped = start_worker();
  const testing::Process other = start_worker();
  MatmulProxy proxy = proxy_of({address_of(stopped), address_of(other)});
  stopped.send(SIGSTOP);  // it takes the connection and the task, and never answers
  stopped.kill_after(100ms);
  const Product product = proxy.multiply(Matrix{{2}}, Matrix{{3}});
  EXPECT_EQ(product.matrix, Matrix({{6}}));
  EXPECT_EQ(product.worker, other.listening_on());
}

TEST_P(TransportTest, AWorkerHoldsATaskForItsServiceTimeAndCountsItAsCompute) {
  const testing::Process worker = start_worker({"--service-time", "80ms"});
  MatmulProxy proxy = proxy_of({address_of(worker)});
  const Product product = proxy.multiply(kA, kB);
  EXPECT_EQ(product.matrix, kC);
  EXPECT_GE(product.phases.worker.compute, 80ms);
}

TEST_P(TransportTest, SigtermLetsGoOfATaskThatIsHeldAndAnswersIt) {
  testing::Process worker = start_worker({"--service-time", "1m"});
  MatmulProxy proxy = proxy_of({address_of(worker)});
  auto call = std::async(std::launch::async, [&] { return proxy.multiply(kA, kB); });
  EXPECT_EQ(call.wait_for(300ms), std::future_status::timeout);
  worker.send(SIGTERM);
  EXPECT_EQ(call.get().matrix, kC);
  EXPECT_EQ(worker.wait(), 0);
}

TEST_P(TransportTest, SigtermEndsAWorkerWithZero) {
  testing::Process worker = start_worker();
  EXPECT_EQ(proxy_of({address_of(worker)}).multiply(kA, kB).matrix, kC);
  worker.send(SIGTERM);
  EXPECT_EQ(worker.wait(), 0);
}

TEST_P(TransportTest, AProgramThatCannotListenSaysSoInOneLine) {
  const testing::Process first = start_worker();
  const std::string address = first.listening_on();
  const testing::Finished second =
      testing::run({MATMUL_WORKER, "--transport", std::string(to_string(GetParam())), "--port",
                    address.substr(address.rfind(':') + 1)});
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr(address));
  EXPECT_EQ(std::ranges::count(second.err, '\n'), 1) << second.err;
}

Matrix ones(std::size_t rows, std::size_t cols) {
  return {{rows, cols}, Matrix::Values(rows * cols, 1)};
}

// Whose message, or product, is as long as one may be: an idle worker computes it.
TEST_P(TransportTest, TheLargestTaskHasRoomInTheLeastMemory) {
  const rpc::Transport* transport = GetParam();
  const bool text = transport == &rpc::text_transport();
  // Texts are read byte by byte.
  const std::size_t n = text ? 100 : 500;
  const std::vector<std::pair<Matrix, Matrix>> tasks{
      {ones(n, n), ones(n, n)}, {ones(1, n * n), ones(n * n, 1)}, {ones(2 * n, 1), ones(1, 2 * n)}};
  for (const auto& [a, b] : tasks) {
    const Shape c = product_shape(a.shape(), b.shape());
    const std::size_t message = transport->encode_task(1, a, b).size();
    const std::size_t product = text ? most_text_bytes(c) : wire::product_payload_bytes(c);
    rpc::WorkerServerOptions options;
    options.max_payload_bytes = std::max(message, product);
    options.max_memory_bytes =
        transport->traits().memory.least_memory_bytes(options.max_payload_bytes);
    const TestWorker worker(options, *transport);
    MatmulProxy proxy({worker.address()}, {.transport = transport});
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(proxy.multiply(a, b).matrix, multiply(a, b, Kernel::simd)) << to_string(c);
    }
  }
}

}  // namespace
}  // namespace enxame::native
