#pragma once

#include <prometheus/histogram.h>

namespace enxame::metrics {

/// Upper bounds of the buckets of every duration, in seconds: 1, 2 and 5 of each decade from 10 µs
/// to 100 s. A quantile that Prometheus interpolates between them is off by a factor of 2.5 at
/// most.
const prometheus::Histogram::BucketBoundaries& duration_buckets();

}  // namespace enxame::metrics
