#include "coordinator/store/held_tasks.h"

namespace enxame::coordinator {

namespace {

constexpr std::array kFences{Fence::none, Fence::lease};

}  // namespace

void HeldTasks::add(LedgerTask& task) noexcept {
  LedgerTask::Place& held = list_of(task);
  held.splice(held.end(), task.place, task.self);
}

void HeldTasks::remove(LedgerTask& task) noexcept {
  task.place.splice(task.place.begin(), list_of(task), task.self);
}

void HeldTasks::renew(LedgerTask& task) noexcept {
  LedgerTask::Place& held = list_of(task);
  held.splice(held.end(), held, task.self);
}

std::chrono::milliseconds HeldTasks::lease_of(Fence fence) const noexcept {
  return fence == Fence::lease ? options_.lease : options_.hold;
}

LedgerTask* HeldTasks::expired(const Instant& at) const noexcept {
  for (const Fence fence : kFences) {
    LedgerTask* const task = first(fence);
    if (task != nullptr && has_run_out(task->record.lease_from, lease_of(fence), at)) return task;
  }
  return nullptr;
}

std::optional<Instant> HeldTasks::next_expiry() const noexcept {
  std::optional<Instant> next;
  for (const Fence fence : kFences) {
    const LedgerTask* const task = first(fence);
    if (task == nullptr) continue;
    const Instant& from = task->record.lease_from;
    const Instant ends{from.clock, from.reading + lease_of(fence)};
    if (!next || ends.reading < next->reading) next = ends;
  }
  return next;
}

LedgerTask::Place& HeldTasks::list_of(const LedgerTask& task) noexcept {
  return held_[static_cast<std::size_t>(task.record.fence)];
}

LedgerTask* HeldTasks::first(Fence fence) const noexcept {
  const LedgerTask::Place& held = held_[static_cast<std::size_t>(fence)];
  return held.empty() ? nullptr : held.front();
}

}  // namespace enxame::coordinator
