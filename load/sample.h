#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "matmul/timing/phases.h"

namespace enxame::load {

/// CLOCK_MONOTONIC.
using Clock = std::chrono::steady_clock;

/// The part of a trial that a request belongs to (see BelongsBy).
enum class Stage {
  warm_up,   ///< before the measured window
  measured,  ///< inside it
  tail,      ///< after it
};

enum class Outcome {
  ok,
  wrong,       ///< the product was not the product
  error,       ///< the request failed
  unfinished,  ///< an open load gave it up: the response time is how long it had waited by then
};

/// One request, as the client that made it saw it.
struct Sample {
  Stage stage = Stage::warm_up;
  std::size_t client = 0;
  Clock::time_point start{};  ///< of the submit; in an open loop, when that was meant to be
  Duration response{};        ///< from the start to the product in the client's hands
  Duration backlog{};         ///< in an open loop, from the intended start to the submit
  Duration lateness{};        ///< the part of the backlog in which a client was free
  Phases phases{};
  std::string worker{};
  Outcome outcome = Outcome::ok;
  std::string error{};  ///< empty when the outcome is ok

  Clock::time_point end() const { return start + response; }
};

}  // namespace enxame::load
