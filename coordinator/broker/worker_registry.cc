#include "coordinator/broker/worker_registry.h"

#include <utility>

namespace enxame::coordinator {

std::string_view to_string(WorkerState state) {
  switch (state) {
    case WorkerState::asking:
      return "asking";
    case WorkerState::working:
      return "working";
    case WorkerState::silent:
      break;
  }
  return "silent";
}

std::string_view to_string(Admission admission) {
  switch (admission) {
    case Admission::admitted:
      return "admitted";
    case Admission::draining:
      return "draining";
    case Admission::quarantined:
      break;
  }
  return "quarantined";
}

bool WorkerRegistry::saw(const std::string& worker, TimePoint now) {
  if (worker.empty()) return false;
  settle(now);
  Entry* entry = find(worker);
  if (entry == nullptr) {
    if (entries_.size() == kMaxWorkers && !forget_one()) return false;
    entry = &add(worker);
  }
  const Standing before = entry->standing;
  entry->last_seen = now;
  stand(*entry);
  return before == silent_unproven || before == silent_proven;
}

void WorkerRegistry::began_to_wait(const std::string& worker) {
  Entry* entry = find(worker);
  if (entry == nullptr) return;
  ++entry->waiting;
  stand(*entry);
}

void WorkerRegistry::ended_to_wait(const std::string& worker) {
  // One that came when there was no room may have been let in since.
  Entry* entry = find(worker);
  if (entry == nullptr || entry->waiting == 0) return;
  --entry->waiting;
  stand(*entry);
}

void WorkerRegistry::took_task(const std::string& worker) noexcept {
  Entry* entry = find(worker);
  if (entry == nullptr) return;
  ++entry->held;
  stand(*entry);
}

void WorkerRegistry::let_task_go(const std::string& worker) noexcept {
  Entry* entry = find(worker);
  if (entry == nullptr || entry->held == 0) return;
  --entry->held;
  stand(*entry);
}

void WorkerRegistry::completed(const std::string& worker) noexcept {
  Entry* entry = find(worker);
  if (entry == nullptr) return;
  ++entry->completed;
  stand(*entry);
}

void WorkerRegistry::failed(const std::string& worker) noexcept {
  if (Entry* entry = find(worker)) ++entry->failed;
}

void WorkerRegistry::describe(const std::string& worker, WorkerDescription description,
                              TimePoint now) {
  if (worker.empty()) return;
  Entry* entry = find(worker);
  if (entry == nullptr) {
    if (entries_.size() == kMaxWorkers && !forget_one()) return;
    entry = &add(worker);
    entry->last_seen = now - kAskingGrace;
  }
  entry->description = std::move(description);
}

bool WorkerRegistry::admit(const std::string& worker, Admission admission, std::string reason) {
  Entry* entry = find(worker);
  if (entry == nullptr) return false;
  entry->admission = admission;
  entry->reason = std::move(reason);
  stand(*entry);
  return true;
}

const std::string* WorkerRegistry::why_not_admitted(const std::string& worker) const noexcept {
  const auto found = entries_.find(worker);
  if (found == entries_.end() || found->second.admission == Admission::admitted) return nullptr;
  return &found->second.reason;
}

Admission WorkerRegistry::admission_of(const std::string& worker) const noexcept {
  const auto found = entries_.find(worker);
  return found == entries_.end() ? Admission::admitted : found->second.admission;
}

ClockOffset* WorkerRegistry::clock_of(const std::string& worker) {
  Entry* entry = find(worker);
  return entry == nullptr ? nullptr : &entry->clock;
}

std::size_t WorkerRegistry::present(TimePoint now) {
  settle(now);
  return entries_.size() - standings_[silent_unproven].size() - standings_[silent_proven].size() -
         standings_[set_aside].size();
}

std::size_t WorkerRegistry::reliable() const {
  return standings_[waits].size() + standings_[holding_proven].size();
}

std::vector<WorkerView> WorkerRegistry::list(TimePoint now) const {
  std::vector<WorkerView> views;
  views.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) {
    views.push_back({id, state_of(entry, now), now - entry.last_seen, entry.completed, entry.failed,
                     entry.description, entry.admission, entry.reason});
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

/// Adds one that has not been seen yet.
WorkerRegistry::Entry& WorkerRegistry::add(const std::string& worker) {
  std::list<const std::string*> node{nullptr};
  const auto added = entries_.try_emplace(worker).first;
  Entry& entry = added->second;
  node.front() = &added->first;
  entry.place = node.begin();
  standings_[entry.standing].splice(standings_[entry.standing].end(), node);
  return entry;
}

WorkerRegistry::Standing WorkerRegistry::standing_of(const Entry& entry) const noexcept {
  if (entry.admission != Admission::admitted) return set_aside;
  if (entry.waiting > 0) return waits;
  const bool is_proven = entry.completed > 0;
  if (entry.held > 0) return is_proven ? holding_proven : holding_unproven;
  if (settled_at_ - entry.last_seen < kAskingGrace) {
    return is_proven ? recent_proven : recent_unproven;
  }
  return is_proven ? silent_proven : silent_unproven;
}

/// Puts a worker behind the others of its standing. One that was seen earlier than those before it
/// counts as recent for at most kAskingGrace too long.
void WorkerRegistry::stand(Entry& entry) noexcept {
  auto& from = standings_[entry.standing];
  entry.standing = standing_of(entry);
  auto& to = standings_[entry.standing];
  to.splice(to.end(), from, entry.place);
}

/// Notes who has not been seen for too long.
void WorkerRegistry::settle(TimePoint now) noexcept {
  settled_at_ = now;
  for (const Standing recent : {recent_unproven, recent_proven}) {
    while (!standings_[recent].empty()) {
      Entry& oldest = *find(*standings_[recent].front());
      if (now - oldest.last_seen < kAskingGrace) break;
      stand(oldest);
    }
  }
}

/// Returns whether there was one to forget.
bool WorkerRegistry::forget_one() {
  for (std::size_t standing = 0; standing < waits; ++standing) {
    if (standings_[standing].empty()) continue;
    forget_first(standings_[standing]);
    return true;
  }
  // Whatever one does puts it behind the others.
  auto& names = standings_[set_aside];
  if (names.empty() || state_of(*find(*names.front()), settled_at_) != WorkerState::silent) {
    return false;
  }
  forget_first(names);
  return true;
}

void WorkerRegistry::forget_first(std::list<const std::string*>& names) {
  const auto first = entries_.find(*names.front());
  names.pop_front();
  entries_.erase(first);
}

}  // namespace enxame::coordinator
