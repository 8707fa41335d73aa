#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "load/sample.h"

namespace enxame::load {

/// When blocks of a load's response times are complete.
struct BlockSize {
  Duration time;      ///< a block lasts at least so long
  std::size_t tasks;  ///< and holds at least so many response times
};

/// Decides whether the response times of a load have settled. They are cut into blocks as requests
/// end; settled means that the medians of the last `span` blocks and of the `span` before them
/// cannot be told apart, in either direction: their medians are within 10 % of each other, or their
/// ranks do not differ at the 5 % level (Mann and Whitney: On a test of whether one of two random
/// variables is stochastically larger than the other, 1947). With a span of 1 no difference is
/// significant, and two blocks are enough.
class ResponseLevel {
 public:
  /// `span` is 1 or more.
  ResponseLevel(BlockSize block, std::size_t span) : block_(block), span_(span) {}

  /// Takes the response time of a request that ended at `end`; requests come about in that order.
  void record(Duration response, Clock::time_point end);

  bool settled() const { return settled_; }

 private:
  bool alike() const;

  BlockSize block_;
  std::size_t span_;
  std::vector<Duration> responses_;  // of the block that is not complete
  Clock::time_point block_start_{};
  std::deque<double> medians_ns_;  // at most 2 × span, oldest first
  bool settled_ = false;
};

}  // namespace enxame::load
