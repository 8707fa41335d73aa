#include "coordinator/store/known_keys.h"

#include "coordinator/store/make_room.h"
#include "coordinator/store/task_store.h"
#include "json/utf8.h"

namespace enxame::coordinator {

namespace {

constexpr std::size_t kMostQuotedBytes = 100;

}  // namespace

KnownKeys::Keys KnownKeys::key_of(const NewTask& added, LedgerTask& task) {
  Keys keys;
  if (added.key) keys.emplace(added.key->name, Keyed{&task, added.key->fingerprint});
  return keys;
}

void KnownKeys::make_room() { coordinator::make_room(keys_, 1); }

std::optional<TaskId> KnownKeys::find(const SubmissionKey& key) const {
  const auto found = keys_.find(key.name);
  if (found == keys_.end()) return std::nullopt;
  const TaskId id = found->second.task->record.id;
  if (found->second.fingerprint == key.fingerprint) return id;
  throw KeyReused("something else was submitted under the key \"" +
                  json::quotable(key.name, kMostQuotedBytes) + "\" (" + task_name(id) + ")");
}

void KnownKeys::add(Keys key) noexcept {
  if (key.empty()) return;
  const auto kept = keys_.insert(key.extract(key.begin())).position;
  kept->second.task->key = &kept->first;
}

void KnownKeys::remove(const LedgerTask& task) noexcept {
  if (task.key != nullptr) keys_.erase(keys_.find(*task.key));
}

}  // namespace enxame::coordinator
