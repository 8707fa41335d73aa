#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "coordinator/store/rules.h"
#include "coordinator/store/task.h"

namespace enxame::coordinator {

struct StoreOptions {
  std::chrono::milliseconds lease{10'000};  ///< how long a claim lasts that is not renewed …
  std::chrono::milliseconds hold{60'000};   ///< … and one of a worker that knows no leases
  Limits limits{};                          ///< how often a task may come back

  /// How many tasks and tiles may wait for a worker.
  std::size_t max_queued = 1'000'000;

  /// What tasks may take together, with products that are still being sent.
  std::size_t max_stored_bytes = std::size_t{1} << 30;

  /// The number of the first task, below kEndOfTaskIds. A store that starts again where another
  /// has been needs one beyond all of the other's: a client that asks for its task must not get
  /// somebody else's.
  TaskId first_id = 1;

  /// The number of the oldest task of all that are restored or were forgotten before; nothing:
  /// there are none.
  std::optional<TaskId> oldest_id{};

  /// The lease of the first claim, for the same reason: an answer for a claim of the other store's
  /// must not pass for one of this one's.
  std::uint64_t first_lease = 1;
};

}  // namespace enxame::coordinator
