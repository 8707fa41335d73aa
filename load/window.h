#pragma once

#include "load/sample.h"

namespace enxame::load {

/// The measured time of a trial: from `start` on, until just before `end`.
struct Window {
  Clock::time_point start;
  Clock::time_point end;

  bool contains(Clock::time_point time) const { return start <= time && time < end; }
};

}  // namespace enxame::load
