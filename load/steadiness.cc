#include "load/steadiness.h"

#include <utility>
#include <vector>

#include "load/median.h"

namespace enxame::load {
void Steadiness::record(std::string_view worker, Duration compute, Duration response,
                        Clock::time_point end) {
  level_.record(response, end);
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
