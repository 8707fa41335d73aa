#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "matmul/test/example.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/test/support.h"

namespace enxame::native {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

const Matrix kWrong{{19, 22}, {43, 51}};

/// A worker over TCP whose products are wrong.
struct LyingWorker {
  rpc::WorkerAddress address() const { return {"127.0.0.1", server->port()}; }

  LyingMatmul matmul;
  std::unique_ptr<rpc::Server> server = rpc::tcp_transport().serve({}, matmul);
};

/// Collects what a proxy logs.
class Lines {
 public:
  std::function<void(std::string_view)> log() {
    return [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(line);
    };
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST(VerificationTest, AWrongProductIsComputedAgainElsewhereAndItsWorkerQuarantined) {
  LyingWorker liar;
  TestWorker honest;
  Lines lines;
  MatmulProxy proxy({liar.address(), honest.address()},
                    {.verify = Verify::all, .log = lines.log()});
  for (int i = 0; i < 5; ++i) {
    const Product product = proxy.multiply(kA, kB);
    EXPECT_EQ(product.matrix, kC);
    EXPECT_EQ(product.worker, to_string(honest.address()));
  }
  EXPECT_EQ(liar.matmul.lies(), 1);
  EXPECT_THAT(
      lines.all(),
      ElementsAre(AllOf(StartsWith("worker " + to_string(liar.address()) + " is quarantined"),
                        HasSubstr("row 2 is off by "), HasSubstr("allowed"))));
  const VerifiedProducts verified = proxy.verified();
  EXPECT_EQ(verified.right, 5u);
  EXPECT_EQ(verified.wrong, 1u);
  EXPECT_EQ(verified.quarantined_workers, 1u);
}

TEST(VerificationTest, WhenAllAreQuarantinedTheErrorSaysSo) {
  LyingWorker one;
  LyingWorker two;
  MatmulProxy proxy({one.address(), two.address()}, {.verify = Verify::all});
  const auto both = AllOf(
      HasSubstr(to_string(one.address()) + ": quarantined, because it returned a wrong product"),
      HasSubstr(to_string(two.address()) + ": quarantined, because it returned a wrong product"));
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT([&] { proxy.multiply(kA, kB); }, ThrowsMessage<WorkersUnavailable>(both));
  }
  EXPECT_EQ(one.matmul.lies() + two.matmul.lies(), 2);
}

TEST(VerificationTest, OffTakesWhatComes) {
  LyingWorker liar;
  Lines lines;
  MatmulProxy proxy({liar.address()}, {.verify = Verify::off, .log = lines.log()});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(proxy.multiply(kA, kB).matrix, kWrong);
  EXPECT_EQ(proxy.verified().right + proxy.verified().wrong, 0u);
  EXPECT_THAT(lines.all(), IsEmpty());
}

// With a probability of (15/16)^2000, 10^-56, it does not.
TEST(VerificationTest, ASampleFindsALiarSooner) {
  LyingWorker liar;
  MatmulProxy proxy({liar.address()}, {.verify = Verify::sample});
  const auto lie_on = [&] {
    for (int i = 0; i < 2'000; ++i) proxy.multiply(kA, kB);
  };
  EXPECT_THROW(lie_on(), WorkersUnavailable);
  EXPECT_EQ(proxy.verified().wrong, 1u);
}

TEST(VerificationTest, EveryTileIsVerified) {
  LyingWorker liar;
  TestWorker honest;
  const Matrix a = random_matrix<double>({13, 9}, 1);
  const Matrix b = random_matrix<double>({9, 11}, 2);
  for (const SplitKind split : {SplitKind::rows, SplitKind::grid}) {
    MatmulProxy proxy({liar.address(), honest.address()}, {.split = split, .verify = Verify::all});
    EXPECT_EQ(proxy.multiply(a, b).matrix, plain_product(a, b)) << to_string(split);
    EXPECT_EQ(proxy.verified().right, 2u);
    EXPECT_EQ(proxy.verified().quarantined_workers, 1u);
  }
}

TEST(VerificationTest, OtherCallsAtALiarGoElsewhere) {
  LyingWorker liar;
  TestWorker honest;
  Lines lines;
  MatmulProxy proxy({liar.address(), honest.address()},
                    {.verify = Verify::all, .calls_per_worker = 4, .log = lines.log()});
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      for (int j = 0; j < 20; ++j) EXPECT_EQ(proxy.multiply(kA, kB).matrix, kC);
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(proxy.verified().right, 160u);
  EXPECT_EQ(proxy.verified().quarantined_workers, 1u);
  EXPECT_THAT(lines.all(), SizeIs(1));
}

// Right where the numbers leave the range: nobody is to blame.
TEST(VerificationTest, AProductThatOverflowsIsNoLie) {
  TestWorker worker;
  MatmulProxy proxy({worker.address()}, {.verify = Verify::all});
  const Matrix huge{{1e200}};
  EXPECT_EQ(proxy.multiply(huge, huge).matrix, plain_product(huge, huge));
  EXPECT_EQ(proxy.verified().quarantined_workers, 0u);
}

}  // namespace
}  // namespace enxame::native
