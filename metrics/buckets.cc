#include "metrics/buckets.h"

namespace enxame::metrics {

const prometheus::Histogram::BucketBoundaries& duration_buckets() {
  // Written out: multiplied up they would be 9.999999999999999e-05 in the names of the series.
  static const prometheus::Histogram::BucketBoundaries buckets{
      1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2,
      5e-2, 0.1,  0.2,  0.5,  1,    2,    5,    10,   20,   50,   100};
  return buckets;
}

}  // namespace enxame::metrics
