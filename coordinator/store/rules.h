#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "coordinator/store/task.h"
#include "coordinator/store/task_event.h"

namespace enxame::coordinator {

// The rules of a task's life, whoever stores the tasks and however they travel: pure functions,
// which any store applies to what it keeps.
//
//   submit → pending ── claimed → processing ── completed → completed
//             ↑  ↑                   │  └────── failed ───→ failed ── retried → pending
//             │  └─ expired, nacked, ┤
//             │     abandoned, undelivered, unsent    (failed after `attempts` of these)
//             └──── revoked ─────────┘
//
// Of a pending task a product may come all the same, from a worker whose claim is over
// (accepted_late); one that another worker holds by then is taken from it first (revoked). Whatever
// is not finished can be cancelled.

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
  bool finish = false;     ///< tell those who wait for it
  bool reopen = false;     ///< it is not finished any more
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

/// The life of a failed split task of which `missing` of `tiles` tiles are to be tried again.
SplitLife reopened(std::size_t missing, std::size_t tiles) noexcept;

/// When a task was claimed that was accepted at `accepted_at`: callers read their clock before they
/// come to the store, and who came later may have read it earlier.
Instant claimed_at(const Instant& accepted_at, const Instant& told) noexcept;

/// Whether a lease of that length that began, or was renewed, at `from` is over: also when its
/// clock is not that of `now`, since nothing is known of how long that was ago.
bool has_run_out(const Instant& from, Duration lease, const Instant& now) noexcept;

/// Why `holder` does not hold the task; nothing when it does. A task is held by at most one worker
/// at a time. One that knows leases has to name that of its claim, whatever it calls itself; one
/// that does not may be silent about its name, but not give another. A split task is held by
/// nobody.
std::optional<std::string> why_not_held(const TaskRecord& task, const Holder& holder);

/// "task 7".
std::string task_name(TaskId id);

/// The words of a task that was finished so long ago that nothing is known of it any more.
std::string forgotten_words(TaskId id);
/// The words of a task that came back too often, the last time for `reason`.
std::string exhausted_words(int attempts, std::string_view reason);
/// … whose tile failed.
std::string tile_failed_words(const TaskRecord& tile, std::size_t tiles);
/// Why it came back: its worker is gone, as `how` tells; its lease ran out.
std::string abandoned_words(const TaskRecord& task, std::string_view how);
std::string expired_words(const TaskRecord& task, Duration lease);
inline constexpr std::string_view kUndeliveredWords = "it did not reach its worker";
inline constexpr std::string_view kUnsentWords = "there was no memory here to send it";
inline constexpr std::string_view kRevokedWords =
    "the product of an earlier claim came before its own";
inline constexpr std::string_view kCancelledWords = "the task was cancelled";
inline constexpr std::string_view kWithdrawnWords =
    "its task was cancelled, or another tile of it failed";

/// Why a task in that state cannot be cancelled; nothing when it can.
std::optional<std::string> why_not_cancelled(const TaskRecord& task);
/// … tried again.
std::optional<std::string> why_not_retried(const TaskRecord& task);

/// The words of a failed task, those of a withdrawn tile included.
std::string error_words(const TaskRecord& task);

}  // namespace enxame::coordinator
