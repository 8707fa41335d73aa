#include "coordinator/worker_registry.h"

#include <algorithm>

namespace enxame {

void WorkerRegistry::saw(const std::string& worker, TimePoint now) {
  if (worker.empty()) return;
  if (Entry* entry = find(worker)) {
    entry->last_seen = now;
    return;
  }
  if (entries_.size() == kMaxWorkers) forget_one(now);
  if (entries_.size() < kMaxWorkers) entries_[worker].last_seen = now;
}

void WorkerRegistry::began_to_wait(const std::string& worker) {
  if (Entry* entry = find(worker)) ++entry->waiting;
}

void WorkerRegistry::ended_to_wait(const std::string& worker) {
  // One that came when there was no room may have been let in since.
  if (Entry* entry = find(worker); entry && entry->waiting > 0) --entry->waiting;
}

void WorkerRegistry::took_task(const std::string& worker) {
  if (Entry* entry = find(worker)) ++entry->held;
}

void WorkerRegistry::let_task_go(const std::string& worker) {
  if (Entry* entry = find(worker); entry && entry->held > 0) --entry->held;
}

void WorkerRegistry::completed(const std::string& worker) {
  if (Entry* entry = find(worker)) ++entry->completed;
}

ClockOffset* WorkerRegistry::clock_of(const std::string& worker) {
  Entry* entry = find(worker);
  return entry == nullptr ? nullptr : &entry->clock;
}

std::size_t WorkerRegistry::present(TimePoint now) const {
  return static_cast<std::size_t>(std::count_if(
      entries_.begin(), entries_.end(),
      [&](const auto& entry) { return state_of(entry.second, now) != WorkerState::silent; }));
}

std::vector<WorkerView> WorkerRegistry::list(TimePoint now) const {
  std::vector<WorkerView> views;
  for (const auto& [id, entry] : entries_) {
    views.push_back({id, state_of(entry, now), now - entry.last_seen, entry.completed});
  }
  std::sort(views.begin(), views.end(),
            [](const WorkerView& a, const WorkerView& b) { return a.id < b.id; });
  return views;
}

WorkerState WorkerRegistry::state_of(const Entry& entry, TimePoint now) {
  if (entry.held > 0) return WorkerState::working;
  const bool asking = entry.waiting > 0 || now - entry.last_seen < kAskingGrace;
  return asking ? WorkerState::asking : WorkerState::silent;
}

WorkerRegistry::Entry* WorkerRegistry::find(const std::string& worker) {
  const auto found = entries_.find(worker);
  return found == entries_.end() ? nullptr : &found->second;
}

void WorkerRegistry::forget_one(TimePoint now) {
  auto oldest = entries_.end();
  for (auto each = entries_.begin(); each != entries_.end(); ++each) {
    if (state_of(each->second, now) != WorkerState::silent) continue;
    if (oldest == entries_.end() || each->second.last_seen < oldest->second.last_seen) {
      oldest = each;
    }
  }
  if (oldest != entries_.end()) entries_.erase(oldest);
}

}  // namespace enxame
