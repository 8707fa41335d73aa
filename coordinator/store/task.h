#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "coordinator/store/instant.h"
#include "coordinator/store/payload_ref.h"
#include "coordinator/store/task_history.h"
#include "matmul/partition.h"
#include "matmul/timing/clock_offset.h"
#include "wire/digest.h"

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
  cancelled,
};

/// "pending", "processing", "completed", "failed" or "cancelled".
std::string_view to_string(TaskState state);

/// Whether nothing more becomes of a task in that state.
inline bool is_finished(TaskState state) {
  return state != TaskState::pending && state != TaskState::processing;
}

/// What an answer for a claimed task has to name, so that others cannot speak for its holder.
enum class Fence {
  none,   ///< nothing, as the original's workers do, which do not renew what they hold either
  lease,  ///< the claim's lease, which its worker renews for as long as it computes
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

/// A task that a worker was given, until the lease ends. Who has it speaks for the task.
struct Claim {
  TaskId id = 0;
  std::uint64_t lease = 0;  ///< the generation: tells this claim from every other, of any task
  PayloadRef payload;       ///< its operands
  Instant claimed_at;
};

/// Who says that it holds a task, which TaskStore::held() checks. It names itself in one of these
/// ways, and cannot leave it out.
class Holder {
 public:
  /// A worker by its name, which is not empty.
  static Holder named(std::string worker);
  /// One that gives no name, as the original's workers do.
  static Holder unnamed() { return Holder(Unnamed{}); }
  /// Who answers an HTTP request: by its lease, or where that is 0 named, or unnamed where `worker`
  /// is empty. One that names both has to be right with both.
  static Holder answering(std::string worker, std::uint64_t lease = 0);
  /// Who has that claim.
  static Holder of(const Claim& claim) { return Holder(Lease{claim.lease, {}}); }

  /// Whether nothing speaks against its being the worker of that name, which may have none.
  bool may_be(std::string_view worker) const;

  /// The name; empty where it gives none.
  std::string_view worker() const;
  /// The lease; 0 where it names none.
  std::uint64_t lease() const;

 private:
  struct Unnamed {};
  struct Named {
    std::string worker;
  };
  struct Lease {
    std::uint64_t generation;
    std::string worker;
  };
  using Who = std::variant<Unnamed, Named, Lease>;

  explicit Holder(Who who) : who_(std::move(who)) {}

  Who who_;
};

/// A claim, and the name under which the task was claimed; empty where there was none.
struct Held {
  Claim claim;
  std::string worker;
  bool is_late = false;  ///< the claim is over, but nobody has finished the task since
};

/// What decides what may become of a task (rules.h).
struct Life {
  TaskState state = TaskState::pending;
  int attempts = 0;      ///< how often it was handed out, less the times that cost nothing
  int free_returns = 0;  ///< how often it came back without having reached its worker

  friend bool operator==(const Life&, const Life&) = default;
};

/// All that is known of a task at one moment. A tile is a task with a parent; a split task is one
/// with tiles.
struct TaskRecord {
  TaskId id = 0;
  Life life;
  PayloadRef operands;     ///< until it is finished
  PayloadRef product;      ///< of a completed task; a tile's is part of its task's
  std::string error;       ///< of a failed one
  bool withdrawn = false;  ///< failed because another tile did; `error` is then empty

  std::string client;  ///< who submitted it; empty: somebody without a name
  std::string worker;  ///< who holds it or did last, and computed it; empty: it has no name
  Fence fence = Fence::none;
  std::uint64_t lease = 0;

  Instant accepted_at;
  Instant claimed_at;
  Instant lease_from;  ///< when it was claimed, or its lease renewed
  Instant finished_at;
  TimeAway away{};  ///< of a completed one: what became of the time from claimed to finished

  TaskId parent = 0;      ///< of a tile: its task; 0: it is none
  std::size_t tile = 0;   ///< of a tile: which
  std::size_t tiles = 0;  ///< of a split task: how many; 0: it is not split

  TaskHistory history{};

  TaskState state() const { return life.state; }
  bool is_split() const { return tiles > 0; }
  bool is_tile() const { return parent != 0; }
};

/// The claim under which a task is held that is processing.
inline Claim claim_of(const TaskRecord& task) {
  return {task.id, task.lease, task.operands, task.claimed_at};
}

/// What a submitter calls a submission, so that one that it repeats makes no second task.
struct SubmissionKey {
  std::string name;          ///< as it came
  wire::Digest fingerprint;  ///< of all that was submitted under it
};

/// A task to be added to a store, whose payloads are kept already.
struct NewTask {
  PayloadRef operands{};
  std::size_t product_bytes = 0;  ///< what its product takes as a frame
  std::size_t tiles = 0;          ///< 0: it is not split
  PayloadRef product{};           ///< of a split one: where the tiles' products come together
  std::optional<SubmissionKey> key{};
  std::string client{};  ///< in whose line it waits; empty: in that of all who give no name
};

/// What is known of a task that is put back as it was.
struct Restored {
  TaskId id = 0;
  Life life{};           ///< pending, or finished
  PayloadRef product{};  ///< of a completed one
  std::string error{};
  std::string worker{};
};

/// What a submission came to.
struct Submitted {
  TaskId id = 0;
  bool is_new = true;  ///< false: the task that was submitted under its key before
};

/// A product, and what is known of its making.
struct Completion {
  PayloadRef product{};   ///< none for a tile, whose product is in its place already
  TimeAway away{};        ///< from the claim to the product's arrival
  std::string worker{};   ///< the name of who returns it; empty: it gives none
  bool is_right = false;  ///< it was verified
};

struct StoreStats {
  std::uint64_t total = 0;         ///< accepted since the start; a split task is one
  std::uint64_t completed = 0;     ///< since the start; a split task is one
  std::uint64_t active = 0;        ///< held by a worker now; a tile is one
  std::uint64_t queued = 0;        ///< waiting for a worker now; a tile is one
  std::uint64_t stored_bytes = 0;  ///< what tasks take now
};

}  // namespace enxame::coordinator
