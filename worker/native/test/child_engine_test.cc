// An engine in another program, and what is told of one that ends, hangs or talks nonsense.

#include "worker/native/child_engine.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <ostream>
#include <sstream>
#include <string>

#include "matmul/codec/binary_codec.h"
#include "matmul/test/example.h"
#include "testing/sanitized.h"
#include "testing/scratch.h"
#include "wire/message.h"

namespace enxame::worker {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

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

std::string not_started(const std::string& command,
                        std::chrono::milliseconds limit = ChildEngine::kStartLimit) {
  return thrown_by<EngineError>([&] { ChildEngine(command, {}, limit).start(); });
}

TEST(ChildEngine, MultipliesInAnotherProgram) {
  ChildEngine engine(STDIO_WORKER);
  engine.start();
  EXPECT_GT(engine.started_in(), Duration::zero());
  for (const std::size_t n : {1u, 300u, 2u, 64u}) {
    const Matrix a = random_matrix<double>({n, n}, n);
    const Matrix b = random_matrix<double>({n, n + 1}, n + 1);
    EXPECT_EQ(product_of(engine, a, b), multiply(a, b, Kernel::simd)) << n;
  }
}

TEST(ChildEngine, TellsHowLongMatricesWereUnderWay) {
  ChildEngine engine(STDIO_WORKER);
  engine.start();
  const Matrix a = random_matrix<double>({500, 500}, 1);
  Matrix c(500, 500);
  const Engine::Travel travel = engine.multiply(a, a, c.data());
  EXPECT_GT(travel.there, Duration::zero());
  EXPECT_GT(travel.back, Duration::zero());
}

TEST(ChildEngine, IsStartedAgainAfterItHasEnded) {
  ChildEngine engine(STDIO_WORKER);
  engine.start();
  EXPECT_EQ(product_of(engine, kA, kB), kC);
  engine.kill();
  EXPECT_THAT(thrown_by<EngineError>([&] { product_of(engine, kA, kB); }),
              AllOf(HasSubstr("ended before it had answered (killed by signal 9)"),
                    HasSubstr(STDIO_WORKER)));
  EXPECT_EQ(product_of(engine, kA, kB), kC);
}

TEST(ChildEngine, ThatIsKilledAtWorkSaysSoAtOnce) {
  ChildEngine engine(std::string(STDIO_WORKER) + " --kernel naive");
  engine.start();
  const Matrix a = random_matrix<double>({3000, 3000}, 1);
  auto told = std::async(std::launch::async,
                         [&] { return thrown_by<EngineError>([&] { product_of(engine, a, a); }); });
  engine.kill();
  EXPECT_THAT(told.get(), HasSubstr("killed by signal 9"));
}

/// So that it can remove what it has made for itself.
TEST(ChildEngine, EndsByItselfWhenItIsNoLongerNeeded) {
  const Scratch folder;
  const std::string mark = folder.path() + "/removed";
  {
    ChildEngine engine("sh -c '" STDIO_WORKER "; touch " + mark + "'");
    engine.start();
  }
  EXPECT_TRUE(std::filesystem::exists(mark));
}

TEST(ChildEngine, SaysThatItCannotBeStartedAgain) {
  const Scratch folder;
  const std::string once = folder.path() + "/once";
  ChildEngine engine("sh -c '[ ! -e " + once + " ] && touch " + once +
                     " && exec " STDIO_WORKER "'");
  engine.start();
  engine.kill();
  EXPECT_THROW(product_of(engine, kA, kB), EngineError);
  EXPECT_THAT(thrown_by<EngineGone>([&] { product_of(engine, kA, kB); }),
              AllOf(HasSubstr("cannot be started again"), HasSubstr("exit status 1")));
}

TEST(ChildEngine, PassesOnWhatItsEngineRefuses) {
  ChildEngine engine(std::string(STDIO_WORKER) + " --kernel origin");
  engine.start();
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

TEST(ChildEngine, HasNoneOfOurDescriptors) {
  const Scratch folder;
  const std::string ours = folder.path() + "/ours";
  const int descriptor = open(ours.c_str(), O_CREAT | O_WRONLY, 0600);
  ASSERT_GE(descriptor, 0);
  const std::string theirs = folder.path() + "/theirs";
  ChildEngine engine("sh -c 'ls -l /proc/$$/fd >" + theirs + "; exec " STDIO_WORKER "'");
  engine.start();
  std::stringstream found;
  found << std::ifstream(theirs).rdbuf();
  close(descriptor);
  EXPECT_THAT(found.str(), AllOf(HasSubstr("socket:"), Not(HasSubstr(ours))));
}

/// What a program says that answers whatever it is asked, first 21 to 3 times 7.
class Scripted {
 public:
  explicit Scripted(const std::string& answers) {
    std::ofstream(path(), std::ios::binary) << kProof << answers;
  }
  std::string path() const { return folder_.path() + "/answers"; }
  /// It reads so much of its input before it ends; of 640 bytes it has read the proof and kA times
  /// kB.
  std::string command(const std::string& reads = "cat") const {
    return "sh -c 'cat " + path() + "; exec " + reads + " >/dev/null'";
  }

  static inline const std::string kProof = wire::encode_product(1, Matrix{{21}}, {});

 private:
  Scratch folder_;
};

/// An answer to kA times kB, and what is told of it.
struct Nonsense {
  const char* name;
  std::string answer;
  const char* reason;
};

void PrintTo(const Nonsense& nonsense, std::ostream* out) { *out << nonsense.name; }

std::string product_of_f32() {
  std::string bytes = wire::encode_product(2, kC, {});
  const auto header = frame_header<float>({2, 4});  // as many bytes
  bytes.replace(wire::kMessageHeaderBytes + wire::kWorkerPhasesBytes, header.size(), header.data(),
                header.size());
  return bytes;
}

class ChildEngineThatTalksNonsense : public ::testing::TestWithParam<Nonsense> {};

INSTANTIATE_TEST_SUITE_P(
    Each, ChildEngineThatTalksNonsense,
    ::testing::Values(
        Nonsense{"OtherCall", wire::encode_product(3, kC, {}), "an answer to call 3"},
        Nonsense{"OtherCallRefused", wire::encode_error(wire::MessageKind::refused, 3, "no"),
                 "an answer to call 3"},
        Nonsense{"OtherSize", wire::encode_product(2, Matrix(20, 20), {}), "bytes, expected"},
        Nonsense{"OtherShape", wire::encode_product(2, Matrix(1, 4), {}), "1 × 4 in f64"},
        Nonsense{"OtherType", product_of_f32(), "in f32"},
        Nonsense{"CutShort", wire::encode_product(2, kC, {}).substr(0, 200), "it ended before"},
        Nonsense{"LongReason",
                 wire::encode_error(wire::MessageKind::failed, 2, std::string(5000, 'x')),
                 "a reason of 5000 bytes"},
        Nonsense{"GivesUp", wire::encode_error(wire::MessageKind::failed, 0, "tired"),
                 "it gave up: tired"},
        Nonsense{"Asks", wire::encode_multiply(2, kA, kB), "a message of kind multiply"}),
    [](const auto& tested) { return tested.param.name; });

TEST_P(ChildEngineThatTalksNonsense, IsLost) {
  const Scripted script(GetParam().answer);
  ChildEngine engine(script.command("head -c 640"));
  engine.start();
  EXPECT_THAT(thrown_by<EngineError>([&] { product_of(engine, kA, kB); }),
              HasSubstr(GetParam().reason));
}

TEST(ChildEngine, IsNotBelievedThatItWasAwayForLongerThanItWas) {
  const auto lie = std::chrono::hours(1);
  const Scripted script(
      wire::encode_product(2, kC, {.decode = lie, .compute = lie, .encode = lie}));
  ChildEngine engine(script.command());
  engine.start();
  Matrix c(2, 2);
  const auto began = std::chrono::steady_clock::now();
  const Engine::Travel travel = engine.multiply(kA, kB, c.data());
  EXPECT_EQ(c, kC);
  EXPECT_GE(travel.back, Duration::zero());
  EXPECT_LE(travel.there + travel.back, std::chrono::steady_clock::now() - began);
}

TEST(ChildEngine, ThatDoesNotMultiplyRightNeverGetsATask) {
  const auto answering = [](const std::string& answer) {
    const Scratch folder;
    std::ofstream(folder.path() + "/answer", std::ios::binary) << answer;
    return not_started("sh -c 'cat " + folder.path() + "/answer; exec cat >/dev/null'");
  };
  EXPECT_THAT(answering(wire::encode_product(1, Matrix{{22}}, {})), HasSubstr("3 times 7 is 22"));
  EXPECT_THAT(answering(wire::encode_error(wire::MessageKind::refused, 1, "odd numbers")),
              HasSubstr("odd numbers"));
  EXPECT_THAT(answering(wire::encode_error(wire::MessageKind::failed, 1, "no memory")),
              HasSubstr("no memory"));
}

TEST(ChildEngine, ThatSaysNothingIsNotWaitedForForEver) {
  EXPECT_THAT(not_started("sleep 60", std::chrono::milliseconds(50)),
              HasSubstr("it has not answered in 50 ms"));
}

TEST(ChildEngine, ThatTakesLongerForATaskThanItMayIsLostAndStartedAgain) {
  // The first one goes silent after it has multiplied once, its descriptors open.
  const Scratch folder;
  const std::string mark = folder.path() + "/silent";
  ChildEngine engine("sh -c 'if [ -e " + mark + " ]; then exec " STDIO_WORKER "; fi; touch " +
                         mark + "; head -c 320 | " STDIO_WORKER "; exec sleep 60'",
                     std::chrono::milliseconds(1000));
  engine.start();
  EXPECT_THAT(thrown_by<EngineError>([&] { product_of(engine, kA, kB); }),
              HasSubstr("it has not answered in 1000 ms"));
  EXPECT_EQ(product_of(engine, kA, kB), kC);
}

TEST(ChildEngine, ThatReadsNothingMoreIsLostInTime) {
  const Scripted script("");
  ChildEngine engine("sh -c 'head -c 320 >/dev/null; cat " + script.path() + "; exec sleep 60'",
                     std::chrono::milliseconds(50));
  engine.start();
  const Matrix a = random_matrix<double>({500, 500}, 1);
  EXPECT_THAT(thrown_by<EngineError>([&] { product_of(engine, a, a); }),
              HasSubstr("it has not answered in 50 ms"));
}

TEST(ChildEngine, MayHaveDescriptorsThatDoNotWait) {
  // Whatever it is at makes the socket that it is to share non-blocking.
  ChildEngine engine("python3 -c 'import os; os.set_blocking(0, False); os.execv(\"" STDIO_WORKER
                     "\", [\"" STDIO_WORKER "\"])'");
  engine.start();
  const Matrix a = random_matrix<double>({500, 500}, 1);
  EXPECT_EQ(product_of(engine, a, a), multiply(a, a, Kernel::simd));
}

TEST(ChildEngine, ThatAnswersBeforeItHasReadEverythingIsLost) {
  const Scripted script(wire::encode_product(2, Matrix(300, 300), {}));
  ChildEngine engine("sh -c 'head -c 320 >/dev/null; cat " + script.path() + "; exec sleep 60'");
  engine.start();
  const Matrix a = random_matrix<double>({300, 300}, 1);
  EXPECT_THAT(thrown_by<EngineError>([&] { product_of(engine, a, a); }),
              HasSubstr("a product of what it has not read"));
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
