#include "coordinator/worker_registry.h"

namespace enxame {

bool WorkerRegistry::saw(const std::string& worker, TimePoint now) {
  if (worker.empty()) return false;
  settle(now);
  Entry* entry = find(worker);
  const bool is_new = entry == nullptr;
  if (is_new) {
    if (entries_.size() == kMaxWorkers && !forget_one()) return false;
    entry = &add(worker);
  }
  entry->last_seen = now;
  if (entry->is_busy()) return false;
  const bool was_present = !is_new && entry->shelf == &shelf_of(*entry).recent;
  take_off(*entry);
  put_back(*entry);
  return !was_present;
}

void WorkerRegistry::began_to_wait(const std::string& worker) {
  Entry* entry = find(worker);
  if (entry == nullptr) return;
  take_off(*entry);
  ++entry->waiting;
}

void WorkerRegistry::ended_to_wait(const std::string& worker) {
  // One that came when there was no room may have been let in since.
  Entry* entry = find(worker);
  if (entry == nullptr || entry->waiting == 0) return;
  --entry->waiting;
  put_back(*entry);
}

void WorkerRegistry::took_task(const std::string& worker) noexcept {
  Entry* entry = find(worker);
  if (entry == nullptr) return;
  take_off(*entry);
  ++entry->held;
}

void WorkerRegistry::let_task_go(const std::string& worker) noexcept {
  Entry* entry = find(worker);
  if (entry == nullptr || entry->held == 0) return;
  --entry->held;
  put_back(*entry);
}

void WorkerRegistry::completed(const std::string& worker) noexcept {
  Entry* entry = find(worker);
  if (entry == nullptr) return;
  take_off(*entry);
  ++entry->completed;
  put_back(*entry);
}

ClockOffset* WorkerRegistry::clock_of(const std::string& worker) {
  Entry* entry = find(worker);
  return entry == nullptr ? nullptr : &entry->clock;
}

std::size_t WorkerRegistry::present(TimePoint now) {
  settle(now);
  return busy_ + shelves_[0].recent.size() + shelves_[1].recent.size();
}

std::size_t WorkerRegistry::reliable(TimePoint now) {
  settle(now);
  return busy_ + shelves_[1].recent.size();
}

std::vector<WorkerView> WorkerRegistry::list(TimePoint now) const {
  std::vector<WorkerView> views;
  views.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) {
    views.push_back({id, state_of(entry, now), now - entry.last_seen, entry.completed});
  }
  return views;
}

WorkerState WorkerRegistry::state_of(const Entry& entry, TimePoint now) {
  if (entry.held > 0) return WorkerState::working;
  const bool asking = entry.waiting > 0 || now - entry.last_seen < kAskingGrace;
  return asking ? WorkerState::asking : WorkerState::silent;
}

WorkerRegistry::Entry* WorkerRegistry::find(const std::string& worker) noexcept {
  const auto found = entries_.find(worker);
  return found == entries_.end() ? nullptr : &found->second;
}

WorkerRegistry::Entry& WorkerRegistry::add(const std::string& worker) {
  Idle node{nullptr};
  const auto added = entries_.try_emplace(worker).first;
  Entry& entry = added->second;
  entry.name = &added->first;
  node.front() = &entry;
  entry.place = std::move(node);
  entry.self = entry.place.begin();
  ++busy_;  // until it is put on a shelf
  return entry;
}

/// Has the worker count as busy.
void WorkerRegistry::take_off(Entry& entry) noexcept {
  if (entry.shelf == nullptr) return;
  entry.place.splice(entry.place.begin(), *entry.shelf, entry.self);
  entry.shelf = nullptr;
  ++busy_;
}

/// Puts a worker that is idle again behind those that were seen last; one that was silent while it
/// was busy is not recent. settle() moves it on when its turn comes, so that one seen earlier than
/// those before it counts as present for at most kAskingGrace too long.
void WorkerRegistry::put_back(Entry& entry) noexcept {
  if (entry.shelf != nullptr || entry.is_busy()) return;
  Shelf& shelf = shelf_of(entry);
  entry.shelf = settled_at_ - entry.last_seen < kAskingGrace ? &shelf.recent : &shelf.silent;
  entry.shelf->splice(entry.shelf->end(), entry.place, entry.self);
  --busy_;
}

/// Moves those on that have not been seen for too long.
void WorkerRegistry::settle(TimePoint now) noexcept {
  settled_at_ = now;
  for (Shelf& shelf : shelves_) {
    while (!shelf.recent.empty() && now - shelf.recent.front()->last_seen >= kAskingGrace) {
      shelf.recent.front()->shelf = &shelf.silent;
      shelf.silent.splice(shelf.silent.end(), shelf.recent, shelf.recent.begin());
    }
  }
}

/// Returns whether there was one to forget.
bool WorkerRegistry::forget_one() {
  for (Idle* idle : {&shelves_[0].silent, &shelves_[0].recent, &shelves_[1].silent}) {
    if (idle->empty()) continue;
    const std::string name = *idle->front()->name;
    idle->pop_front();
    entries_.erase(name);
    return true;
  }
  return false;
}

}  // namespace enxame
