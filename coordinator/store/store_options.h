#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "coordinator/store/task.h"

namespace enxame::coordinator {

struct StoreOptions {
  std::chrono::milliseconds lease{60'000};  ///< how long a worker may hold a task
  int attempts = 3;                         ///< how often a task is handed out before it is failed

  /// How often a task may come back without having reached its worker before that, too, costs an
  /// attempt: a worker that reads too slowly for its task would get it for ever.
  int free_returns = 16;

  /// What tasks may take together, with products that are still being sent.
  std::size_t max_stored_bytes = std::size_t{1} << 30;

  /// The number of the first task, below kEndOfTaskIds. A store that starts again where another
  /// has been needs one beyond all of the other's: a client that asks for its task must not get
  /// somebody else's.
  TaskId first_id = 1;

  /// How often those who wait are asked whether they are still there.
  std::chrono::milliseconds presence_check{1'000};

  /// The clock of leases and durations; waits always last as long as they say.
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

}  // namespace enxame::coordinator
