#include "load/response_level.h"

#include <algorithm>
#include <cmath>

#include "load/median.h"

namespace enxame::load {
namespace {

constexpr double kTolerance = 0.10;

/// Of the standard normal distribution: 5 % lie further out on both sides together.
constexpr double kTwoSided5Percent = 1.96;

/// How far the rank sum of `before` lies from where it is expected if nothing differs, in standard
/// deviations; both have the same size.
double rank_z(const std::vector<double>& before, const std::vector<double>& after) {
  double wins = 0;
  for (const double x : before) {
    for (const double y : after) wins += x > y ? 1 : x == y ? 0.5 : 0;
  }
  const auto n = static_cast<double>(before.size());
  return (wins - n * n / 2) / std::sqrt(n * n * (2 * n + 1) / 12);
}

}  // namespace

void ResponseLevel::record(Duration response, Clock::time_point end) {
  if (responses_.empty() && medians_ns_.empty()) block_start_ = end - response;
  responses_.push_back(response);
  if (responses_.size() < block_.tasks || end - block_start_ < block_.time) return;
  medians_ns_.push_back(median_ns(std::move(responses_)));
  responses_.clear();
  block_start_ = end;
  if (medians_ns_.size() > 2 * span_) medians_ns_.pop_front();
  settled_ = medians_ns_.size() == 2 * span_ && alike();
}

bool ResponseLevel::alike() const {
  const auto middle = medians_ns_.begin() + static_cast<std::ptrdiff_t>(span_);
  const std::vector<double> before(medians_ns_.begin(), middle);
  const std::vector<double> after(middle, medians_ns_.end());
  const double lower = std::min(median_of(before), median_of(after));
  const double higher = std::max(median_of(before), median_of(after));
  return lower >= (1 - kTolerance) * higher || std::abs(rank_z(before, after)) < kTwoSided5Percent;
}

}  // namespace enxame::load
