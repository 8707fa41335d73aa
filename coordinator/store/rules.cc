#include "coordinator/store/rules.h"

#include <chrono>

namespace enxame::coordinator {

namespace {

constexpr Effects kHandOut{.leave_queue = true, .begin_lease = true};
constexpr Effects kTakeBack{.enter_queue = true, .end_lease = true};
constexpr Effects kFinish{.end_lease = true, .finish = true};
constexpr Effects kGiveUp{.end_lease = true, .finish = true, .exhausted = true};

Transition to(Life life, TaskState state, const Effects& effects) {
  life.state = state;
  return {life, effects};
}

/// Of a task that comes back at the price of an attempt.
Transition retried(const Life& life, const Limits& limits) {
  if (life.attempts < limits.attempts) return to(life, TaskState::pending, kTakeBack);
  return to(life, TaskState::failed, kGiveUp);
}

/// … for nothing.
Transition returned(Life life) {
  --life.attempts;
  return to(life, TaskState::pending, kTakeBack);
}

Transition undelivered(Life life, const Limits& limits) {
  if (life.free_returns >= limits.free_returns) return retried(life, limits);
  ++life.free_returns;
  return returned(life);
}

std::optional<Transition> of_pending(Life life, TaskEvent event) {
  switch (event) {
    case TaskEvent::claimed:
      ++life.attempts;
      return to(life, TaskState::processing, kHandOut);
    case TaskEvent::withdrawn:
      return to(life, TaskState::failed, {.leave_queue = true, .finish = true});
    case TaskEvent::accepted_late:
      return to(life, TaskState::completed, {.leave_queue = true, .finish = true});
    case TaskEvent::cancelled:
      return to(life, TaskState::cancelled, {.leave_queue = true, .finish = true});
    default:
      return std::nullopt;
  }
}

std::optional<Transition> of_processing(const Life& life, TaskEvent event, const Limits& limits) {
  switch (event) {
    case TaskEvent::claimed:
    case TaskEvent::accepted_late:
    case TaskEvent::retried:
      return std::nullopt;
    case TaskEvent::named:
      return to(life, TaskState::processing, {});
    case TaskEvent::completed:
      return to(life, TaskState::completed, kFinish);
    case TaskEvent::failed:
    case TaskEvent::withdrawn:
      return to(life, TaskState::failed, kFinish);
    case TaskEvent::nacked:
    case TaskEvent::abandoned:
    case TaskEvent::expired:
      return retried(life, limits);
    case TaskEvent::undelivered:
      return undelivered(life, limits);
    case TaskEvent::unsent:
    case TaskEvent::revoked:
      return returned(life);
    case TaskEvent::cancelled:
      return to(life, TaskState::cancelled, kFinish);
  }
  return std::nullopt;
}

/// One that is tried again has all of its attempts again.
std::optional<Transition> of_failed(TaskEvent event) {
  if (event != TaskEvent::retried) return std::nullopt;
  return Transition{{}, {.enter_queue = true, .reopen = true}};
}

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

std::string holder_of(const TaskRecord& task) {
  return task.worker.empty() ? "a worker" : "worker " + quoted(task.worker);
}

}  // namespace

std::optional<Transition> transition(const Life& life, TaskEvent event,
                                     const Limits& limits) noexcept {
  switch (life.state) {
    case TaskState::pending:
      return of_pending(life, event);
    case TaskState::processing:
      return of_processing(life, event, limits);
    case TaskState::failed:
      return of_failed(event);
    case TaskState::completed:
    case TaskState::cancelled:
      break;
  }
  return std::nullopt;
}

SplitLife after_tile(const SplitLife& life, TaskState tile) noexcept {
  if (is_finished(life.state)) return life;
  switch (tile) {
    case TaskState::pending:
      return life;
    case TaskState::processing:
      return {TaskState::processing, life.missing};
    case TaskState::completed:
      return {life.missing == 1 ? TaskState::completed : life.state, life.missing - 1};
    case TaskState::failed:
    case TaskState::cancelled:
      break;
  }
  return {TaskState::failed, life.missing};
}

SplitLife reopened(std::size_t missing, std::size_t tiles) noexcept {
  return {missing == tiles ? TaskState::pending : TaskState::processing, missing};
}

Instant claimed_at(const Instant& accepted_at, const Instant& told) noexcept {
  const bool is_early = told.clock == accepted_at.clock && told.reading < accepted_at.reading;
  return is_early ? accepted_at : told;
}

bool has_run_out(const Instant& from, Duration lease, const Instant& now) noexcept {
  return from.clock != now.clock || now.reading - from.reading >= lease;
}

std::optional<std::string> why_not_held(const TaskRecord& task, const Holder& holder) {
  const auto name = [&] { return task_name(task.id); };
  if (task.is_split()) {
    return name() + " is split: workers hold its tiles, which have numbers of their own";
  }
  if (task.state() != TaskState::processing) {
    return name() + " is not held by any worker, it is " + std::string(to_string(task.state()));
  }
  if (holder.lease() != 0 && holder.lease() != task.lease) {
    return name() + " is held under lease " + std::to_string(task.lease) + ", not under " +
           std::to_string(holder.lease());
  }
  if (!holder.may_be(task.worker)) {
    return name() + " is held by " + quoted(task.worker) + ", not by " + quoted(holder.worker());
  }
  if (task.fence == Fence::lease && holder.lease() == 0) {
    return name() + " is held under a lease, which the answer has to name";
  }
  return std::nullopt;
}

std::string task_name(TaskId id) { return "task " + std::to_string(id); }

std::string forgotten_words(TaskId id) {
  return task_name(id) + " was finished and has been forgotten since";
}

std::string exhausted_words(int attempts, std::string_view reason) {
  return "no product after " + std::to_string(attempts) +
         " attempts; the last: " + std::string(reason);
}

std::string tile_failed_words(const TaskRecord& tile, std::size_t tiles) {
  return "tile " + std::to_string(tile.tile + 1) + " of " + std::to_string(tiles) + ": " +
         tile.error;
}

std::string abandoned_words(const TaskRecord& task, std::string_view how) {
  return holder_of(task) + " is gone: " + std::string(how);
}

std::string expired_words(const TaskRecord& task, Duration lease) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(lease);
  return "the lease of " + holder_of(task) + " ran out after " + std::to_string(ms.count()) + " ms";
}

std::string error_words(const TaskRecord& task) {
  if (!task.withdrawn) return task.error;
  return "withdrawn: " + task_name(task.parent) + " was cancelled, or another tile of it failed";
}

std::optional<std::string> why_not_cancelled(const TaskRecord& task) {
  if (task.is_tile()) {
    return task_name(task.id) + " is a tile, which ends with its task: cancel " +
           task_name(task.parent);
  }
  if (!is_finished(task.state())) return std::nullopt;
  return task_name(task.id) + " cannot be cancelled, it is " + std::string(to_string(task.state()));
}

std::optional<std::string> why_not_retried(const TaskRecord& task) {
  if (task.is_tile()) {
    return task_name(task.id) + " is a tile, which is tried again with its task: retry " +
           task_name(task.parent);
  }
  if (task.state() == TaskState::failed) return std::nullopt;
  return task_name(task.id) + " is " + std::string(to_string(task.state())) +
         ", only a failed task can be tried again";
}

}  // namespace enxame::coordinator
