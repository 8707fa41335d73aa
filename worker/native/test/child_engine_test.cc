// An engine in another program, and what is told of one that ends, hangs or talks nonsense.

#include "worker/native/child_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "matmul/test/example.h"
#include "testing/sanitized.h"
#include "testing/scratch.h"

namespace enxame::worker {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Matrix product_of(Engine& engine, const Matrix& a, const Matrix& b) {
  Matrix c(a.rows(), b.cols());
  engine.multiply(a, b, c.data());
  return c;
}

/// What `doing` says when it throws E.
template <typename E>
std::string thrown_by(const auto& doing) {
  try {
    doing();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

std::string not_started(const std::string& command) {
  return thrown_by<EngineError>([&] { ChildEngine{command}; });
}

TEST(ChildEngine, MultipliesInAnotherProgram) {
  ChildEngine engine(STDIO_WORKER);
  EXPECT_GT(engine.started_in(), Duration::zero());
  for (const std::size_t n : {1u, 300u, 2u, 64u}) {
    const Matrix a = random_matrix<double>({n, n}, n);
    const Matrix b = random_matrix<double>({n, n + 1}, n + 1);
    EXPECT_EQ(product_of(engine, a, b), multiply(a, b, Kernel::simd)) << n;
  }
}

TEST(ChildEngine, TellsHowLongMatricesWereUnderWay) {
  ChildEngine engine(STDIO_WORKER);
  const Matrix a = random_matrix<double>({500, 500}, 1);
  Matrix c(500, 500);
  const Engine::Travel travel = engine.multiply(a, a, c.data());
  EXPECT_GT(travel.there, Duration::zero());
  EXPECT_GT(travel.back, Duration::zero());
}

TEST(ChildEngine, IsStartedAgainAfterItHasEnded) {
  ChildEngine engine(STDIO_WORKER);
  EXPECT_EQ(product_of(engine, kA, kB), kC);
  engine.kill();
  EXPECT_THAT(thrown_by<EngineError>([&] { product_of(engine, kA, kB); }),
              AllOf(HasSubstr("ended before it had answered (killed by signal 9)"),
                    HasSubstr(STDIO_WORKER)));
  EXPECT_EQ(product_of(engine, kA, kB), kC);
}

TEST(ChildEngine, ThatIsKilledAtWorkSaysSoAtOnce) {
  ChildEngine engine(std::string(STDIO_WORKER) + " --kernel naive");
  const Matrix a = random_matrix<double>({3000, 3000}, 1);
  auto told = std::async(std::launch::async,
                         [&] { return thrown_by<EngineError>([&] { product_of(engine, a, a); }); });
  engine.kill();
  EXPECT_THAT(told.get(), HasSubstr("killed by signal 9"));
}

TEST(ChildEngine, SaysThatItCannotBeStartedAgain) {
  const Scratch folder;
  const std::string once = folder.path() + "/once";
  ChildEngine engine("sh -c '[ ! -e " + once + " ] && touch " + once +
                     " && exec " STDIO_WORKER "'");
  engine.kill();
  EXPECT_THROW(product_of(engine, kA, kB), EngineError);
  EXPECT_THAT(thrown_by<EngineGone>([&] { product_of(engine, kA, kB); }),
              AllOf(HasSubstr("cannot be started again"), HasSubstr("exit status 1")));
}

TEST(ChildEngine, PassesOnWhatItsEngineRefuses) {
  ChildEngine engine(std::string(STDIO_WORKER) + " --kernel origin");
  EXPECT_THAT(
      thrown_by<std::invalid_argument>([&] { product_of(engine, Matrix{{0.5}}, Matrix{{1}}); }),
      HasSubstr("kernel origin"));
  EXPECT_EQ(product_of(engine, kA, kB), kC);
}

TEST(ChildEngine, WhoseMemoryIsTooSmallSaysSoAndGoesOn) {
  if (testing::kIsSanitized) GTEST_SKIP() << "sanitizers take all of the address space";
  ChildEngine engine("sh -c 'ulimit -v 1500000; exec " STDIO_WORKER "'");
  const Shape shape{15'000, 15'000};
  Matrix::Values product(shape.size());  // uninitialised: it takes no memory here
  const Matrix column(shape.rows, 1);
  const Matrix row(1, shape.cols);
  EXPECT_THAT(thrown_by<EngineError>([&] { engine.multiply(column, row, product.data()); }),
              HasSubstr("its memory is too small for a product of 1800000000 bytes"));
  EXPECT_EQ(product_of(engine, kA, kB), kC);
}

TEST(ChildEngine, SaysWhatCannotBeStarted) {
  EXPECT_THAT(not_started("/nowhere/engine"),
              AllOf(HasSubstr("exit status 127"), HasSubstr("/nowhere/engine")));
  EXPECT_THAT(not_started("sh -c 'exit 3'"), HasSubstr("exit status 3"));
  EXPECT_THAT(not_started("sh -c 'kill -SEGV $$'"), HasSubstr("killed by signal 11"));
  EXPECT_THAT(not_started("cat"), HasSubstr("it answered: a message of kind multiply"));
  EXPECT_THAT(not_started("yes"), HasSubstr("magic"));
  EXPECT_THAT(not_started("sh -c 'head -c 64 /dev/zero; exec sleep 60'"), HasSubstr("magic"));
}

}  // namespace
}  // namespace enxame::worker
