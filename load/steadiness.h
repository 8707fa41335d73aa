#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "matmul/timing/phases.h"

namespace enxame::load {

/// Decides when the warm-up is over. A browser first runs a module's unoptimised code and replaces
/// it as it goes, each tab for itself; a worker is steady once the median compute time of its last
/// `span` tasks is no longer more than 10 % below that of the `span` tasks before them. The
/// comparison is one-sided: optimisation only ever makes a worker faster, noise goes both ways.
class Steadiness {
 public:
  static constexpr std::size_t kSpan = 5;  ///< where tasks are short

  /// Expects `workers` different workers; the system is not steady before it has heard of that
  /// many. `span` is 1 or more.
  explicit Steadiness(std::size_t workers, std::size_t span = kSpan)
      : expected_workers_(workers), span_(span) {}

  /// Takes note of one task that `worker` has computed.
  void record(std::string_view worker, Duration compute);

  /// Whether all expected workers are steady.
  bool steady() const { return steady_workers_ >= expected_workers_; }

  std::size_t steady_workers() const { return steady_workers_; }

 private:
  struct History {
    std::deque<Duration> last;  // at most 2 × span, oldest first
    bool steady = false;
  };

  bool stopped_speeding_up(const std::deque<Duration>& last) const;

  std::size_t expected_workers_;
  std::size_t span_;
  std::size_t steady_workers_ = 0;
  std::map<std::string, History, std::less<>> workers_;
};

}  // namespace enxame::load
