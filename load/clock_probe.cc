#include "load/clock_probe.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace enxame::load {
namespace {

constexpr int kSteps = 4'000'000;
constexpr int kTimes = 3;

/// Steps that each need the last one's result, so that nothing but the clock decides how long they
/// take (Marsaglia: Xorshift RNGs, 2003).
std::uint64_t xorshift_steps(std::uint64_t state) {
  for (int i = 0; i < kSteps; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
  }
  return state;
}

/// Of this thread.
Duration processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

Duration clock_probe() {
  volatile std::uint64_t state = 1;
  Duration shortest = Duration::max();
  for (int i = 0; i < kTimes; ++i) {
    const Duration start = processor_time();
    state = xorshift_steps(state);
    shortest = std::min(shortest, processor_time() - start);
  }
  return shortest;
}

}  // namespace enxame::load
