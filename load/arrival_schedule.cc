#include "load/arrival_schedule.h"

#include <cmath>
#include <stdexcept>
#include <string>

namespace enxame::load {
namespace {

// Keeps arrivals apart from the matrices, which are made from the same seed.
constexpr std::uint64_t kArrivalStream = 0xa5a5'a5a5'a5a5'a5a5;

}  // namespace

std::string_view to_string(ArrivalProcess process) {
  switch (process) {
    case ArrivalProcess::poisson:
      return "poisson";
    case ArrivalProcess::uniform:
      return "uniform";
  }
  throw std::logic_error("no such arrival process");
}

ArrivalSchedule::ArrivalSchedule(ArrivalProcess process, double rate_per_s, std::uint64_t seed)
    : process_(process), mean_gap_ns_(1e9 / rate_per_s), random_(seed ^ kArrivalStream) {
  if (!(rate_per_s >= kLowestRatePerS && rate_per_s <= kHighestRatePerS)) {
    throw std::invalid_argument("a rate of " + std::to_string(rate_per_s) +
                                " arrivals per second, expected 0.001 to 1000000");
  }
}

Duration ArrivalSchedule::next() {
  if (process_ == ArrivalProcess::uniform) {
    elapsed_ns_ = static_cast<double>(arrivals_) * mean_gap_ns_;
  } else {
    elapsed_ns_ += next_exponential_gap_ns();
  }
  ++arrivals_;
  return Duration(std::llround(elapsed_ns_));
}

/// By inversion of the distribution function, from a number inside (0, 1) (Devroye, Non-Uniform
/// Random Variate Generation, 1986, §II.2).
double ArrivalSchedule::next_exponential_gap_ns() {
  const double uniform = (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53;
  return -std::log(uniform) * mean_gap_ns_;
}

}  // namespace enxame::load
