#pragma once

#include "matmul/timing/phases.h"

namespace enxame::load {

/// How much processor time a loop of fixed work takes on this core now, the least of a few times:
/// about 25 ms in all. Two of them that differ show a clock frequency, or a neighbour on the same
/// core, that changed between them. Time in which other threads had the processor does not count: a
/// trial's tabs may still be starting.
Duration clock_probe();

/// One from before and one from after a trial.
struct ClockProbes {
  Duration before;
  Duration after;
};

}  // namespace enxame::load
