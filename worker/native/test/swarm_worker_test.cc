// The program against a coordinator, both as their users start them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "cli/capabilities.h"
#include "coordinator/client/coordinator_matmul.h"
#include "http/access_tokens.h"
#include "http/client/client.h"
#include "http/test/token_file.h"
#include "matmul/kernel.h"
#include "matmul/test/example.h"
#include "net/test/test_certificate.h"
#include "testing/eventually.h"
#include "testing/process.h"
#include "testing/scratch.h"
#include "worker/native/test/child.h"
#include "worker/worker_options.h"

namespace enxame::worker {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::EndsWith;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Process;
using testing::run;
using ::testing::StartsWith;

/// A worker of `coordinator`, with further flags.
std::unique_ptr<Child> start_worker(const std::string& coordinator,
                                    const std::vector<std::string>& flags) {
  std::vector<std::string> command{SWARM_WORKER, "--coordinator", coordinator, "--worker-id", "w1"};
  command.insert(command.end(), flags.begin(), flags.end());
  return std::make_unique<Child>(command);
}

class SwarmWorkerTest : public ::testing::TestWithParam<Dispatch> {
 protected:
  SwarmWorkerTest() : SwarmWorkerTest("all") {}
  explicit SwarmWorkerTest(const char* verify)
      : coordinator_({COORDINATOR, "--port", "0", "--verify", verify}) {}

  std::string url() const { return "http://" + coordinator_.listening_on(); }

  void start(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"--dispatch", std::string(to_string(GetParam()))});
    if (GetParam() == Dispatch::poll) flags.insert(flags.begin(), {"--interval", "5ms"});
    worker_ = start_worker(url(), flags);
    client_.wait_for_workers(1, 20s);
  }

  testing::Process coordinator_;
  coordinator::CoordinatorMatmul client_{url(), Codec::binary};
  std::unique_ptr<Child> worker_;
};

/// Of a coordinator that takes whatever product it gets.
class UnverifiedSwarmWorkerTest : public SwarmWorkerTest {
 protected:
  UnverifiedSwarmWorkerTest() : SwarmWorkerTest("off") {}
};

std::string dispatch_name(const ::testing::TestParamInfo<Dispatch>& tested) {
  std::string name(to_string(tested.param));
  std::erase(name, '-');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Each, SwarmWorkerTest, ::testing::ValuesIn(kDispatches), dispatch_name);
INSTANTIATE_TEST_SUITE_P(Each, UnverifiedSwarmWorkerTest, ::testing::ValuesIn(kDispatches),
                         dispatch_name);

TEST_P(SwarmWorkerTest, ComputesWhatTheCoordinatorHands) {
  start();
  for (int i = 0; i < 20; ++i) {
    const Product product = client_.multiply(kA, kB);
    EXPECT_EQ(product.matrix, kC);
    EXPECT_EQ(product.worker, "w1");
    EXPECT_GT(product.phases.worker.compute, 0ns);
  }
}

TEST_P(SwarmWorkerTest, ShowsItsTokenToACoordinatorThatItBelieves) {
  const net::TestCertificate certificate;
  const http::TokenFile of_client("client-0123456789");
  const http::TokenFile of_worker("worker-0123456789");
  const testing::Process guarded(
      {COORDINATOR, "--client-tokens", of_client.path(), "--worker-tokens", of_worker.path(),
       "--tls-certificate", certificate.certificate_file(), "--tls-key", certificate.key_file()});
  const std::string address = "https://" + guarded.listening_on();
  const auto worker =
      start_worker(address, {"--dispatch", std::string(to_string(GetParam())), "--token-file",
                             of_worker.path(), "--ca-file", certificate.certificate_file()});
  const http::Identity identity{.token = http::read_access_token(of_client.path()),
                                .authorities_file = certificate.certificate_file()};
  coordinator::CoordinatorMatmul client(address, Codec::binary, {.http = {.identity = identity}});
  EXPECT_EQ(client.multiply(kA, kB).matrix, kC);
}

TEST_P(SwarmWorkerTest, TakesMatricesOfManySizes) {
  start();
  for (const std::size_t n : {300, 1, 64, 200}) {
    const Matrix a = random_matrix<double>({n, n}, 1);
    const Matrix one = random_matrix<double>({n, 1}, 2);
    const Matrix product = client_.multiply(a, one).matrix;
    EXPECT_LT(std::abs(product(n - 1, 0) - multiply(a, one, Kernel::naive)(n - 1, 0)), 1e-9);
  }
}

TEST_P(SwarmWorkerTest, HoldsEveryTaskForTheServiceTime) {
  start({"--service-time", "50ms"});
  const auto began = steady_clock::now();
  const Phases phases = client_.multiply(kA, kB).phases;
  EXPECT_GE(phases.worker.compute, 50ms);
  EXPECT_GE(steady_clock::now() - began, 50ms);
}

TEST_P(UnverifiedSwarmWorkerTest, LiesFromASignalOnWhereATestAsksForIt) {
  start({"--corrupt-on-sigusr1"});
  EXPECT_EQ(client_.multiply(kA, kB).matrix, kC);
  worker_->send(SIGUSR1);
  Matrix product = kC;
  while (product == kC) product = client_.multiply(kA, kB).matrix;
  Matrix wrong = kC;
  wrong(0, 0) += 1;
  EXPECT_EQ(product, wrong);
}

TEST_P(SwarmWorkerTest, SignalsEndItAtOnceWhileItWaits) {
  for (const int signal : {SIGTERM, SIGINT}) {
    start();
    client_.multiply(kA, kB);
    const auto began = steady_clock::now();
    worker_->send(signal);
    EXPECT_EQ(worker_->wait(), 0);
    EXPECT_LT(steady_clock::now() - began, 5s);
  }
}

TEST_P(SwarmWorkerTest, SignalsEndItAtOnceBeforeItsFirstTask) {
  start();
  worker_->send(SIGTERM);
  EXPECT_EQ(worker_->wait(), 0);
}

TEST_P(SwarmWorkerTest, WaitsForACoordinatorThatIsAway) {
  start();
  client_.multiply(kA, kB);
  const std::string address = coordinator_.listening_on();
  coordinator_.send(SIGTERM);
  EXPECT_EQ(coordinator_.wait(), 0);
  const testing::Process again({COORDINATOR, "--port", address.substr(address.rfind(':') + 1)});
  EXPECT_EQ(client_.multiply(kA, kB).matrix, kC);
}

TEST_P(SwarmWorkerTest, SpeaksTheCodecsOfItsDispatch) {
  if (GetParam() == Dispatch::push) GTEST_SKIP() << "push is binary";
  for (const char* codec : {"json", "binary"}) {
    start({"--codec", codec});
    EXPECT_EQ(client_.multiply(kA, kB).matrix, kC) << codec;
    worker_.reset();
  }
}

TEST_P(SwarmWorkerTest, LeavesMultiplyingToAnEngine) {
  start({"--engine", STDIO_WORKER " --kernel naive"});
  http::Client plain(http::Origin::parse(url()));
  EXPECT_THAT(plain.send({.target = "/workers"}).body, HasSubstr("\"engine\":\"stdio-worker\""));
  const Matrix a = random_matrix<double>({300, 200}, 1);
  const Matrix b = random_matrix<double>({200, 100}, 2);
  for (int i = 0; i < 3; ++i) {
    const Product product = client_.multiply(a, b);
    EXPECT_EQ(product.matrix, multiply(a, b, Kernel::naive));
    EXPECT_GT(product.phases.worker.decode, 0ns);
    EXPECT_GT(product.phases.worker.compute, 0ns);
    EXPECT_GT(product.phases.worker.encode, 0ns);
  }
  EXPECT_EQ(client_.multiply(kA, kB).matrix, kC);
}

/// The process whose number a file has.
void kill_the_one_in(const std::string& pid_file) {
  pid_t pid = 0;
  std::ifstream(pid_file) >> pid;
  ASSERT_GT(pid, 1);
  kill(pid, SIGKILL);
}

/// Its first one would take seconds for the task, and is killed.
TEST_P(SwarmWorkerTest, GivesItsTaskBackWhenItsEngineIsKilled) {
  const Scratch folder;
  const std::string pid_file = folder.path() + "/pid";
  start({"--engine", "sh -c '[ -e " + pid_file + " ] || { echo $$ >" + pid_file +
                         "; exec " STDIO_WORKER " --kernel naive; }; exec " STDIO_WORKER "'"});
  const Matrix a = random_matrix<double>({1500, 1500}, 1);
  auto product = std::async(std::launch::async, [&] { return client_.multiply(a, a).matrix; });
  coordinator::CoordinatorMatmul watcher(url(), Codec::binary);
  eventually([&] { return watcher.wait_for_workers(0, 0ms).at(0).state == "working"; });
  kill_the_one_in(pid_file);
  EXPECT_EQ(product.get(), multiply(a, a, Kernel::simd));
  http::Client plain(http::Origin::parse(url()));
  EXPECT_THAT(plain.send({.target = "/metrics"}).body, HasSubstr("enxame_task_attempts_total 2\n"));
}

/// Its first one goes silent after it has multiplied once.
TEST_P(SwarmWorkerTest, GivesItsTaskBackWhenItsEngineTakesTooLong) {
  const Scratch folder;
  const std::string mark = folder.path() + "/mark";
  start({"--engine-limit", "1s", "--engine",
         "sh -c '[ -e " + mark + " ] && exec " STDIO_WORKER "; touch " + mark +
             "; head -c 320 | " STDIO_WORKER "; exec sleep 60'"});
  EXPECT_EQ(client_.multiply(kA, kB).matrix, kC);
  http::Client plain(http::Origin::parse(url()));
  EXPECT_THAT(plain.send({.target = "/metrics"}).body, HasSubstr("enxame_task_attempts_total 2\n"));
}

/// A library of 36 MB, which starts threads.
TEST_P(SwarmWorkerTest, HasOpenBlasOnlyWhereItsKernelIsAskedFor) {
  if (std::ranges::count(available_kernels(), Kernel::blas) == 0) GTEST_SKIP() << "no OpenBLAS";
  const auto maps_of = [&](const std::string& kernel) {
    start({"--kernel", kernel});
    EXPECT_EQ(client_.multiply(kA, kB).matrix, kC);
    std::stringstream maps;
    maps << std::ifstream("/proc/" + std::to_string(worker_->pid()) + "/maps").rdbuf();
    return maps.str();
  };
  EXPECT_THAT(maps_of("simd"), AllOf(HasSubstr("swarm-worker"), Not(HasSubstr("openblas"))));
  worker_.reset();
  EXPECT_THAT(maps_of("blas"), HasSubstr("openblas"));
}

TEST_P(SwarmWorkerTest, EndsWhenItsEngineCannotBeStartedAgain) {
  const Scratch folder;
  const std::string pid_file = folder.path() + "/pid";
  start({"--engine", "sh -c '[ ! -e " + pid_file + " ] && echo $$ >" + pid_file +
                         " && exec " STDIO_WORKER "'"});
  EXPECT_EQ(client_.multiply(kA, kB).matrix, kC);
  kill_the_one_in(pid_file);
  auto product = std::async(std::launch::async, [&] { return client_.multiply(kA, kB).matrix; });
  EXPECT_EQ(worker_->wait(), 1);
  const auto another = start_worker(url(), {});
  EXPECT_EQ(product.get(), kC);
}

/// A coordinator whose leases last for longer than any test.
TEST_P(SwarmWorkerTest, GivesItsTaskBackWhenItIsKilled) {
  const testing::Process coordinator(
      {COORDINATOR, "--port", "0", "--lease", "60m", "--hold", "60m"});
  const std::string url = "http://" + coordinator.listening_on();
  const auto start_on = [&](const std::string& service_time) {
    return start_worker(
        url, {"--dispatch", std::string(to_string(GetParam())), "--service-time", service_time});
  };
  coordinator::CoordinatorMatmul client(url, Codec::binary);
  auto holder = start_on("60s");
  client.wait_for_workers(1, 20s);
  auto product = std::async(std::launch::async, [&] { return client.multiply(kA, kB).matrix; });
  coordinator::CoordinatorMatmul watcher(url, Codec::binary);
  eventually([&] { return watcher.wait_for_workers(0, 0ms).at(0).state == "working"; });
  holder.reset();
  const auto another = start_on("0ms");
  EXPECT_EQ(product.get(), kC);
}

/// Its lease would run out twice.
TEST(SwarmWorkerKeeper, RenewsWhatItHolds) {
  const testing::Process coordinator({COORDINATOR, "--port", "0", "--lease", "3s"});
  const std::string url = "http://" + coordinator.listening_on();
  const auto worker = start_worker(url, {"--dispatch", "long-poll", "--service-time", "7s"});
  coordinator::CoordinatorMatmul client(url, Codec::binary);
  EXPECT_EQ(client.multiply(kA, kB).matrix, kC);
  http::Client plain(http::Origin::parse(url));
  const std::string metrics = plain.send({.target = "/metrics"}).body;
  EXPECT_THAT(metrics, HasSubstr("enxame_task_attempts_total 1\n"));
}

TEST(SwarmWorkerUsage, HelpSaysHowToUseIt) {
  const testing::Finished finished = testing::run({SWARM_WORKER, "--help"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.out,
              AllOf(StartsWith("usage: swarm-worker"), HasSubstr("--dispatch poll|long-poll|push"),
                    HasSubstr("--service-time TIME"), HasSubstr("examples:")));
}

TEST(SwarmWorkerUsage, SaysWhatItCanDo) {
  const Finished finished = run({SWARM_WORKER, "--capabilities"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err, "");
  EXPECT_EQ(finished.out, cli::to_json({.kernels = cli::names_of(available_kernels()),
                                        .codecs = {"json", "binary"},
                                        .transports = {"rest", "ws"}}) +
                              "\n");
}

TEST(SwarmWorkerUsage, SaysWhyItsEngineDoesNotStart) {
  const Finished finished =
      run({SWARM_WORKER, "--coordinator", "http://127.0.0.1:1", "--engine", "/nowhere/engine -x"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.err,
              HasSubstr("swarm-worker: the engine is lost: it ended before it had answered "
                        "(exit status 127): /nowhere/engine -x\n"));
}

TEST(SwarmWorkerUsage, WrongUsageIsOneLineAndTwo) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{}, "--coordinator is missing"},
      {{"--coordinator", "127.0.0.1:80"}, "expected http://HOST:PORT"},
      {{"--coordinator", "http://h:1", "--dispatch", "pull"}, "poll|long-poll|push"},
      {{"--coordinator", "http://h:1", "--dispatch", "push", "--codec", "json"}, "expected binary"},
      {{"--coordinator", "http://h:1", "--wait", "61s"}, "--wait is 61s, expected 1ms to 1m"},
      {{"--coordinator", "http://h:1", "--worker-id", "a b"}, "visible ASCII"},
      {{"--coordinator", "http://h:1", "--engine", " "}, "--engine is \" \", expected a program"},
      {{"--coordinator", "http://h:1", "--engine", "x", "--kernel", "simd"}, "--kernel is of"},
      {{"--coordinator", "http://h:1", "--engine-limit", "1s"}, "--engine is missing"},
  };
  for (const auto& [flags, reason] : wrong) {
    std::vector<std::string> command{SWARM_WORKER};
    command.insert(command.end(), flags.begin(), flags.end());
    const testing::Finished finished = testing::run(command);
    EXPECT_EQ(finished.status, 2) << reason;
    EXPECT_THAT(finished.err,
                AllOf(StartsWith("swarm-worker: "), HasSubstr(reason), EndsWith("(see --help)\n")));
    EXPECT_EQ(std::ranges::count(finished.err, '\n'), 1) << finished.err;
  }
}

}  // namespace
}  // namespace enxame::worker
