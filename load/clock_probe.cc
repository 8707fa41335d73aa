#include "load/clock_probe.h"

#include <algorithm>
#include <cstdint>

#include "load/sample.h"

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

}  // namespace

Duration clock_probe() {
  volatile std::uint64_t state = 1;
  Duration shortest = Duration::max();
  for (int i = 0; i < kTimes; ++i) {
    const auto start = Clock::now();
    state = xorshift_steps(state);
    shortest = std::min<Duration>(shortest, Clock::now() - start);
  }
  return shortest;
}

}  // namespace enxame::load
