#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "matmul/timing/phases.h"

namespace enxame::load {

/// The upper median. `values` is not empty.
template <typename T>
T median_of(std::vector<T> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The upper median in nanoseconds. `values` is not empty.
inline double median_ns(std::vector<Duration> values) {
  return static_cast<double>(median_of(std::move(values)).count());
}

}  // namespace enxame::load
