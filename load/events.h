#pragma once

#include "load/clock_probe.h"
#include "load/open_loop.h"
#include "load/overhead.h"
#include "load/trial.h"

namespace enxame::load {

/// What the load generator says on stdout, one JSON object a line (docs/wire.md).

void emit(const Progress& progress);

/// The last word of a trial.
void emit_done(const TrialResult& result, const ClockProbes& probes);
void emit_done(const OpenLoopResult& result, const ClockProbes& probes);

void emit(const Overhead& overhead);

}  // namespace enxame::load
