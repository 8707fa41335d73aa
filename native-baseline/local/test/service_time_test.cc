#include "native-baseline/local/service_time.h"

#include <gtest/gtest.h>
#include <time.h>

#include <future>
#include <thread>

#include "matmul/timing/stopwatch.h"
#include "native-baseline/test/support.h"

namespace enxame::native {
namespace {

using namespace std::chrono_literals;

const Matrix kTwo{{2}};
const Matrix kThree{{3}};

Duration processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

TEST(ServiceTimeTest, HoldsATaskWithoutUsingTheProcessor) {
  native::PlainMatmul plain;
  ServiceTime held(plain, 100ms);
  double c = 0;
  Stopwatch watch;
  const Duration before = processor_time();
  held.multiply(kTwo, kThree, &c);
  EXPECT_GE(watch.lap(), 100ms);
  EXPECT_LT(processor_time() - before, 50ms);
  EXPECT_EQ(c, 6);
}

/// Takes its time.
class Slow : public Multiplier {
 public:
  void multiply(MatrixView, MatrixView, double*) override {
    std::this_thread::sleep_for(300ms);  // computes
  }
};

TEST(ServiceTimeTest, ComputingIsPartOfIt) {
  Slow slow;
  ServiceTime held(slow, 400ms);
  double c = 0;
  Stopwatch watch;
  held.multiply(kTwo, kThree, &c);
  EXPECT_LT(watch.lap(), 650ms) << "not 700";
}

TEST(ServiceTimeTest, EndsAtOnceWhenItIsTold) {
  native::PlainMatmul plain;
  ServiceTime held(plain, 1h);
  double c = 0;
  auto task = std::async(std::launch::async, [&] { held.multiply(kTwo, kThree, &c); });
  EXPECT_EQ(task.wait_for(20ms), std::future_status::timeout);
  held.end();
  task.get();
  held.multiply(kTwo, kThree, &c);
  EXPECT_EQ(c, 6);
}

}  // namespace
}  // namespace enxame::native
