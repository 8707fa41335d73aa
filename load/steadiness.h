#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "load/response_level.h"
#include "load/sample.h"

namespace enxame::load {

/// Decides when the warm-up is over: every worker computes at its full speed, and response times
/// have settled.
///
/// A browser first runs a module's unoptimised code and replaces it as it goes, each tab for
/// itself; a worker is steady once the median compute time of its last `span` tasks is no longer
/// more than 10 % below that of the `span` tasks before them. That comparison is one-sided:
/// optimisation only ever makes a worker faster. What else a system does when it begins, queues
/// that fill, threads that move from core to core, may go either way and shows in its response
/// times: ResponseLevel.
class Steadiness {
 public:
  static constexpr std::size_t kSpan = 5;                  ///< where tasks are short
  static constexpr std::chrono::milliseconds kBlock{100};  ///< of response times, at least

  /// Expects `workers` different workers; the system is not steady before it has heard of that
  /// many. `span` is 1 or more. A block of response times has one for each worker at least.
  explicit Steadiness(std::size_t workers, std::size_t span = kSpan, Duration block = kBlock)
      : expected_workers_(workers), span_(span), level_({block, workers}, span) {}

  /// Takes note of one task that `worker` has computed.
  void record(std::string_view worker, Duration compute, Duration response, Clock::time_point end);

  /// Whether all expected workers are steady and response times have settled.
  bool steady() const { return steady_workers_ >= expected_workers_ && level_.settled(); }

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
  ResponseLevel level_;
  std::map<std::string, History, std::less<>> workers_;
};

}  // namespace enxame::load
