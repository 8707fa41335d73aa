#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coordinator/store/payload.h"
#include "matmul/partition.h"
#include "matmul/timing/phases.h"

namespace enxame::coordinator {

/// Counts in the order in which tasks are accepted, from a number that the store is given. Stays
/// below kEndOfTaskIds, so that programs that know only doubles (JavaScript) tell tasks apart.
using TaskId = std::uint64_t;
inline constexpr TaskId kEndOfTaskIds = TaskId{1} << 53;

/// How a submitted task is to be divided into tiles.
struct Split {
  /// More would cost more than they could gain.
  static constexpr std::size_t kMaxTiles = 1024;

  SplitKind kind = SplitKind::none;
  std::size_t tiles = 0;  ///< 0: as many as there are workers
  /// Whether workers recognise what tiles share when it comes again in a later task. Without it
  /// each task sends it anew, so that a measurement that repeats matrices shows what new ones take.
  bool reuse = true;
};

enum class TaskState {
  pending,     ///< in the queue
  processing,  ///< held by a worker under a lease; of a split task, a tile of it was
  completed,
  failed,
};

/// "pending", "processing", "completed" or "failed".
std::string_view to_string(TaskState state);

/// Whether nothing more becomes of a task in that state.
inline bool is_finished(TaskState state) {
  return state == TaskState::completed || state == TaskState::failed;
}

/// What an answer for a claimed task has to name, so that others cannot speak for its holder.
enum class Fence {
  none,    ///< nothing, as the original's workers do
  worker,  ///< the worker, if it has a name
  lease,   ///< the claim's lease, which only the connection that has the task knows
};

/// Who asks for a task.
struct Asker {
  // NOLINTBEGIN(google-explicit-constructor): a name alone is one way to say it
  Asker(std::string name, Fence by = Fence::none) : worker(std::move(name)), fence(by) {}
  Asker(const char* name) : worker(name) {}
  // NOLINTEND(google-explicit-constructor)

  std::string worker;  ///< empty: it has no name
  Fence fence = Fence::none;
};

/// A task that a worker has just been given.
struct Claim {
  TaskId id = 0;
  std::uint64_t lease = 0;  ///< tells this claim from every other one, of any task
  std::shared_ptr<const Operands> operands;
};

/// Who speaks for a task. What it does not say is not held against it.
struct Holder {
  // NOLINTBEGIN(google-explicit-constructor): a name alone is one way to say it
  Holder(std::string worker_id, std::uint64_t of_lease = 0)
      : worker(std::move(worker_id)), lease(of_lease) {}
  Holder(const char* worker_id) : worker(worker_id) {}
  // NOLINTEND(google-explicit-constructor)

  std::string worker;       ///< empty: it has no name
  std::uint64_t lease = 0;  ///< of its claim; 0: it does not know
};

/// What is known of a task at one moment.
struct TaskView {
  TaskId id = 0;
  TaskState state = TaskState::pending;
  std::shared_ptr<const Result> result;  ///< of a completed task
  std::string error;                     ///< of a failed task
  std::string worker;                    ///< who computed it; empty when it has no name

  /// Of a completed task: from accepted to finished without a gap, the worker's own as it measured
  /// them. `submit` and `collect` are zero: they begin and end with the client.
  Phases phases;
  std::chrono::steady_clock::time_point accepted_at{};
  std::chrono::steady_clock::time_point finished_at{};
  bool just_completed = false;  ///< by the very call that returned this
};

/// A product and what its worker measured.
struct Completion {
  std::shared_ptr<const Result> result;
  WorkerPhases phases;
};

enum class WorkerState {
  asking,   ///< waits for a task, or asked or answered a moment ago
  working,  ///< holds a task
  silent,   ///< neither
};

/// "asking", "working" or "silent".
std::string_view to_string(WorkerState state);

struct WorkerView {
  std::string id;
  WorkerState state = WorkerState::silent;
  Duration since_seen{};
  std::uint64_t completed = 0;
};

struct StoreStats {
  std::uint64_t total = 0;      ///< accepted since the start; a split task is one
  std::uint64_t completed = 0;  ///< since the start; a split task is one
  std::uint64_t active = 0;     ///< held by a worker now; a tile is one
  std::uint64_t queued = 0;     ///< waiting for a worker now; a tile is one
  std::uint64_t claimants = 0;  ///< asks that wait for a task now

  // Since the start:
  std::uint64_t failed = 0;      ///< a split task is one
  std::uint64_t tiles = 0;       ///< tiles whose product came
  std::uint64_t handed_out = 0;  ///< to a worker, again each time that a task came back
  std::uint64_t leases_expired = 0;
  std::uint64_t rejected = 0;    ///< came back with something that was no product
  std::uint64_t given_back = 0;  ///< never reached their worker
  std::uint64_t lost = 0;        ///< their worker's connection ended
  std::uint64_t forgotten = 0;   ///< finished tasks for which there was no more room

  std::uint64_t stored_bytes = 0;  ///< what tasks take now
};

}  // namespace enxame::coordinator
