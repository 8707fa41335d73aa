#include "load/steadiness.h"

#include <algorithm>
#include <vector>

namespace enxame::load {
namespace {

double median_ns(std::vector<Duration> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return static_cast<double>(middle->count());
}

}  // namespace

void Steadiness::record(std::string_view worker, Duration compute) {
  auto found = workers_.find(worker);
  if (found == workers_.end()) found = workers_.emplace(worker, History{}).first;
  History& history = found->second;
  if (history.steady) return;
  history.last.push_back(compute);
  if (history.last.size() > 2 * span_) history.last.pop_front();
  if (stopped_speeding_up(history.last)) {
    history.steady = true;
    ++steady_workers_;
  }
}

bool Steadiness::stopped_speeding_up(const std::deque<Duration>& last) const {
  if (last.size() < 2 * span_) return false;
  constexpr double kTolerance = 0.10;
  const auto middle = last.begin() + static_cast<std::ptrdiff_t>(span_);
  return median_ns({middle, last.end()}) >= (1 - kTolerance) * median_ns({last.begin(), middle});
}

}  // namespace enxame::load
