#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "coordinator/store/task.h"

namespace enxame::coordinator {

// The rules of a task's life, whoever stores the tasks and however they travel: pure functions,
// which any store applies to what it keeps.
//
//   submit → pending ── claimed → processing ── completed → completed
//               ↑                    │  └────── failed ───→ failed
//               └─ expired, nacked, ─┘
//                  abandoned, undelivered, unsent    (failed after `attempts` of these)

/// What happens to a task, or to a tile.
enum class TaskEvent {
  claimed,      ///< a worker was given it
  named,        ///< the worker that holds it without having given a name gives one
  completed,    ///< its product came
  failed,       ///< its worker says that nobody can compute it
  nacked,       ///< its worker has no product, or returned something that is none
  abandoned,    ///< its worker is gone
  expired,      ///< its worker's lease ran out
  undelivered,  ///< it never reached its worker
  unsent,       ///< it could not be sent for want of memory here
  withdrawn,    ///< another tile of its task failed
};

inline constexpr std::size_t kTaskEvents = 10;

/// "claimed", "named", …
std::string_view to_string(TaskEvent event);

/// How often a task may come back.
struct Limits {
  int attempts = 3;  ///< how often a task is handed out before it is failed

  /// How often a task may come back without having reached its worker before that, too, costs an
  /// attempt: a worker that reads too slowly for its task would get it for ever.
  int free_returns = 16;
};

/// What a store has to do besides writing down the life that follows.
struct Effects {
  bool enter_queue = false;  ///< at its old place, that of its number
  bool leave_queue = false;
  bool begin_lease = false;
  bool end_lease = false;
  bool finish = false;     ///< let its operands go, and tell those who wait for it
  bool exhausted = false;  ///< it is failed for having come back too often

  friend bool operator==(const Effects&, const Effects&) = default;
};

struct Transition {
  Life after;
  Effects effects;
};

/// What `event` makes of a task; nothing when it does not happen to a task in that state, which
/// then stays as it is.
std::optional<Transition> transition(const Life& life, TaskEvent event,
                                     const Limits& limits) noexcept;

/// What becomes of a split task.
struct SplitLife {
  TaskState state = TaskState::pending;
  std::size_t missing = 0;  ///< tiles that are not completed

  friend bool operator==(const SplitLife&, const SplitLife&) = default;
};

/// The split task's life once something has brought a tile of it into state `tile`: it is
/// processing once a tile was claimed, completed when none is missing, and failed with the first
/// tile that fails, which withdraws the others. Finished, it stays as it is.
SplitLife after_tile(const SplitLife& life, TaskState tile) noexcept;

/// When a task was claimed that was accepted at `accepted_at`: callers read their clock before they
/// come to the store, and who came later may have read it earlier.
Instant claimed_at(const Instant& accepted_at, const Instant& told) noexcept;

/// Whether a lease that began at `claimed_at` is over: also when its clock is not that of `now`,
/// since nothing is known of how long that was ago.
bool has_run_out(const Instant& claimed_at, Duration lease, const Instant& now) noexcept;

/// Why `holder` does not hold the task; nothing when it does. A task is held by at most one worker
/// at a time. A holder that names its lease needs no name, and one whose name was not asked for
/// need not give it; a split task is held by nobody.
std::optional<std::string> why_not_held(const TaskRecord& task, const Holder& holder);

/// "task 7".
std::string task_name(TaskId id);

/// The words of a task that came back too often, the last time for `reason`.
std::string exhausted_words(int attempts, std::string_view reason);
/// … whose tile failed.
std::string tile_failed_words(const TaskRecord& tile, std::size_t tiles);
/// Why it came back: its worker is gone, as `how` tells; its lease ran out.
std::string abandoned_words(const TaskRecord& task, std::string_view how);
std::string expired_words(const TaskRecord& task, Duration lease);
inline constexpr std::string_view kUndeliveredWords = "it did not reach its worker";

/// The words of a failed task, those of a withdrawn tile included.
std::string error_words(const TaskRecord& task);

}  // namespace enxame::coordinator
