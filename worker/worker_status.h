#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "matmul/matrix.h"
#include "matmul/timing/phases.h"
#include "worker/worker_options.h"

namespace enxame::worker {

/// Where a worker is in its loop.
enum class WorkerState {
  asking,     ///< it waits for a task: a question is on its way, or a connection stands
  computing,  ///< it decodes, multiplies and encodes
  returning,  ///< a product, or the reason why there is none, is on its way
  waiting,    ///< until the next question of a poll, or until it tries again after a failure
};

/// "asking", "computing", "returning" or "waiting".
std::string_view to_string(WorkerState state);

/// One multiplication that a worker has done.
struct Multiplication {
  std::uint64_t task;
  Shape a;
  Shape b;
  WorkerPhases phases;

  /// 2·m·k·n floating-point operations over the compute phase, in 10⁹ per second; nothing when the
  /// clock did not tick meanwhile.
  std::optional<double> gflops() const;
};

/// A time in which the coordinator did not serve: from the first failure of a row on.
struct Absence {
  Duration began;
  std::optional<Duration> ended;  ///< nothing while it lasts
};

/// What a worker's page shows.
struct WorkerStatus {
  WorkerState state = WorkerState::asking;
  std::string message;          ///< what it is doing, in words
  std::uint64_t completed = 0;  ///< products that the coordinator has taken (push: was sent)
  std::uint64_t refused = 0;    ///< tasks returned with an error, because they cannot be computed
  std::uint64_t errors =
      0;  ///< answers that were not the one hoped for, and tasks dropped or refused
  std::string last_error;              ///< the latest of these, in words
  std::optional<Multiplication> last;  ///< the latest task computed
  std::optional<Duration> contact;     ///< when the coordinator last answered, on the host's clock
  std::optional<Absence> absence;      ///< the latest
};

/// What the page of a worker shows, as its script takes it: a JSON object of texts by element id,
/// and `contactAgeMs`, the age of the last contact at `now` (absent when there was none).
std::string to_view(const WorkerOptions& options, const WorkerStatus& status, Duration now);

}  // namespace enxame::worker
