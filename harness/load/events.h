#pragma once

#include "harness/load/open_loop.h"
#include "harness/load/overhead.h"
#include "harness/load/trial.h"

namespace enxame::load {

/// What the load generator says on stdout, one JSON object a line (docs/wire.md).

void emit(const Progress& progress);

/// The last word of a trial.
void emit_done(const TrialResult& result);
void emit_done(const OpenLoopResult& result);

void emit(const Overhead& overhead);

}  // namespace enxame::load
