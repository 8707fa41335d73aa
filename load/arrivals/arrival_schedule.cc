#include "load/arrivals/arrival_schedule.h"

#include <cmath>
#include <stdexcept>
#include <utility>

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

ArrivalSchedule::ArrivalSchedule(ArrivalProcess process, RatePtr rate, std::uint64_t seed)
    : process_(process), rate_(std::move(rate)), random_(seed ^ kArrivalStream) {}

Duration ArrivalSchedule::next() {
  if (process_ == ArrivalProcess::poisson) elapsed_ += next_exponential_gap();
  const double expected = elapsed_;
  if (process_ == ArrivalProcess::uniform) elapsed_ += 1;
  return Duration(std::llround(rate_->time_ns_of(expected)));
}

/// By inversion of the distribution function, from a number inside (0, 1) (Devroye, Non-Uniform
/// Random Variate Generation, 1986, §II.2).
double ArrivalSchedule::next_exponential_gap() {
  const double uniform = (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53;
  return -std::log(uniform);
}

}  // namespace enxame::load
