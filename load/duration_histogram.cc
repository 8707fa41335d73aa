#include "load/duration_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace enxame::load {

void DurationHistogram::record(Duration duration) {
  const Duration counted = std::max(duration, Duration::zero());
  ++buckets_[bucket_of(static_cast<std::uint64_t>(counted.count()))];
  ++count_;
  max_ = std::max(max_, counted);
}

Duration DurationHistogram::percentile(double q) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen > 0 && seen >= wanted) {
      return std::min(max_, Duration(static_cast<Duration::rep>(longest_in(bucket))));
    }
  }
  return max_;
}

// Below kPerOctave, and in the octave above it, every nanosecond has a bucket of its own; each
// further octave halves the resolution.
std::size_t DurationHistogram::bucket_of(std::uint64_t ns) {
  const std::size_t octave = std::bit_width(ns / kPerOctave);
  if (octave == 0) return ns;
  return octave * kPerOctave + (ns >> (octave - 1)) - kPerOctave;
}

std::uint64_t DurationHistogram::longest_in(std::size_t bucket) {
  const std::size_t octave = bucket / kPerOctave;
  if (octave == 0) return bucket;
  const std::uint64_t first_of_next = kPerOctave + bucket % kPerOctave + 1;
  return (first_of_next << (octave - 1)) - 1;
}

}  // namespace enxame::load
