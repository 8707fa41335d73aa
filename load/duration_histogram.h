#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "matmul/timing/phases.h"

namespace enxame::load {

/// Counts durations in buckets that grow with them, 32 to each power of two, so that any number of
/// durations takes the same 16 KiB and a percentile is at most 1/32 too high (the layout of HDR
/// histograms, http://hdrhistogram.org). Not thread-safe.
class DurationHistogram {
 public:
  /// Negative durations count as zero.
  void record(Duration duration);

  std::uint64_t count() const { return count_; }

  /// The smallest duration of which it can be said that at least the share `q`, from 0 to 1, of all
  /// durations is no longer; zero when there are none.
  Duration percentile(double q) const;

  /// Exact.
  Duration max() const { return max_; }

 private:
  static constexpr std::size_t kPerOctave = 32;
  static constexpr std::size_t kBuckets = 60 * kPerOctave;  // 63 bits of nanoseconds

  static std::size_t bucket_of(std::uint64_t ns);
  static std::uint64_t longest_in(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  Duration max_{};
};

}  // namespace enxame::load
