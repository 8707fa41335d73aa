#include "coordinator/store/rules.h"

#include <array>
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
    default:
      return std::nullopt;
  }
}

std::optional<Transition> of_processing(const Life& life, TaskEvent event, const Limits& limits) {
  switch (event) {
    case TaskEvent::claimed:
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
      return returned(life);
  }
  return std::nullopt;
}

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

std::string holder_of(const TaskRecord& task) {
  return task.worker.empty() ? "a worker" : "worker " + quoted(task.worker);
}

}  // namespace

std::string_view to_string(TaskEvent event) {
  constexpr std::array<std::string_view, kTaskEvents> kNames{
      "claimed",   "named",   "completed",   "failed", "nacked",
      "abandoned", "expired", "undelivered", "unsent", "withdrawn"};
  return kNames[static_cast<std::size_t>(event)];
}

std::optional<Transition> transition(const Life& life, TaskEvent event,
                                     const Limits& limits) noexcept {
  switch (life.state) {
    case TaskState::pending:
      return of_pending(life, event);
    case TaskState::processing:
      return of_processing(life, event, limits);
    case TaskState::completed:
    case TaskState::failed:
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
      break;
  }
  return {TaskState::failed, life.missing};
}

Instant claimed_at(const Instant& accepted_at, const Instant& told) noexcept {
  const bool is_early = told.clock == accepted_at.clock && told.reading < accepted_at.reading;
  return is_early ? accepted_at : told;
}

bool has_run_out(const Instant& claimed_at, Duration lease, const Instant& now) noexcept {
  return claimed_at.clock != now.clock || now.reading - claimed_at.reading >= lease;
}

std::optional<std::string> why_not_held(const TaskRecord& task, const Holder& holder) {
  const auto name = [&] { return task_name(task.id); };
  if (task.is_split()) {
    return name() + " is split: workers hold its tiles, which have numbers of their own";
  }
  if (task.state() != TaskState::processing) {
    return name() + " is not held by any worker, it is " + std::string(to_string(task.state()));
  }
  if (holder.lease() != 0) {
    if (holder.lease() == task.lease) return std::nullopt;
    return name() + " is held under lease " + std::to_string(task.lease) + ", not under " +
           std::to_string(holder.lease());
  }
  const std::string_view worker = holder.worker();
  if (!worker.empty() && !task.worker.empty() && worker != task.worker) {
    return name() + " is held by " + quoted(task.worker) + ", not by " + quoted(worker);
  }
  if (task.fence == Fence::worker && worker.empty() && !task.worker.empty()) {
    return name() +
           " was claimed by a worker that gave its name: the answer has to name it, too "
           "(workerId)";
  }
  if (task.fence == Fence::lease) {
    return name() + " is held over a WebSocket: the answer has to come over it, too";
  }
  return std::nullopt;
}

std::string task_name(TaskId id) { return "task " + std::to_string(id); }

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
  return "withdrawn, since another tile of " + task_name(task.parent) + " failed";
}

}  // namespace enxame::coordinator
