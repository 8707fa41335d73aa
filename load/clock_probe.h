#pragma once

#include "matmul/timing/phases.h"

namespace enxame::load {

/// How long a loop of fixed work takes on this core now, the shortest of a few times: about 25 ms
/// in all. Two of them that differ show a clock frequency, or a neighbour on the same core, that
/// changed between them.
Duration clock_probe();

/// One from before and one from after a trial.
struct ClockProbes {
  Duration before;
  Duration after;
};

}  // namespace enxame::load
