#include "coordinator/store/memory_task_store.h"

#include <cstddef>
#include <stdexcept>
#include <utility>

#include "json/utf8.h"

namespace enxame::coordinator {

namespace {

/// What a worker says may be as long as a product, and is kept as long as its task.
constexpr std::size_t kMostReasonBytes = 1'000;

StoreOptions checked(StoreOptions options) {
  if (options.first_id == 0 || options.first_id >= kEndOfTaskIds) {
    throw std::invalid_argument("the first task id is " + std::to_string(options.first_id) +
                                ", expected 1 to " + std::to_string(kEndOfTaskIds - 1));
  }
  return options;
}

}  // namespace

MemoryTaskStore::MemoryTaskStore(StoreOptions options, PayloadStore& payloads)
    : options_(checked(options)), payloads_(payloads), ledger_(options_, payloads) {}

void MemoryTaskStore::add_observer(TaskObserver& observer) {
  const std::lock_guard lock(mutex_);
  ledger_.add_observer(observer);
}

TaskId MemoryTaskStore::submit(const NewTask& task, const Instant& at) {
  const std::lock_guard lock(mutex_);
  return ledger_.add(task, at);
}

std::optional<Claim> MemoryTaskStore::claim(Asker& asker, const Instant& at) {
  const std::lock_guard lock(mutex_);
  if (!ledger_.has_pending()) return std::nullopt;
  return ledger_.hand_out(asker, at);
}

void MemoryTaskStore::requeue(const Claim& claim, const Instant& at) noexcept {
  const std::lock_guard lock(mutex_);
  if (auto* task = ledger_.find_claimed(claim)) {
    ledger_.apply(*task, TaskEvent::undelivered, kUndeliveredWords, at);
  }
}

void MemoryTaskStore::unclaim(const Claim& claim, const Instant& at) noexcept {
  const std::lock_guard lock(mutex_);
  if (auto* task = ledger_.find_claimed(claim)) ledger_.apply(*task, TaskEvent::unsent, {}, at);
}

void MemoryTaskStore::abandon(const Claim& claim, std::string_view how,
                              const Instant& at) noexcept {
  const std::lock_guard lock(mutex_);
  if (auto* task = ledger_.find_claimed(claim)) ledger_.abandon(*task, how, at);
}

std::optional<Held> MemoryTaskStore::held(TaskId id, const Holder& holder) const {
  const std::lock_guard lock(mutex_);
  const TaskRecord& task = ledger_.record(id);
  if (task.state() == TaskState::completed) return std::nullopt;
  if (const auto why = why_not_held(task, holder)) throw NotHeld(*why);
  return Held{claim_of(task), task.worker};
}

TaskRecord MemoryTaskStore::complete(const Claim& claim, Completion completion, const Instant& at) {
  const std::lock_guard lock(mutex_);
  if (auto* task = find_held(claim)) return ledger_.complete(*task, std::move(completion), at);
  TaskRecord completed = ledger_.record(claim.id);
  payloads_.drop(completion.product);
  return completed;
}

TaskRecord MemoryTaskStore::fail(const Claim& claim, const std::string& reason, const Instant& at) {
  const std::lock_guard lock(mutex_);
  auto* task = find_held(claim);
  TaskRecord failed = ledger_.record(claim.id);
  if (task == nullptr) return failed;
  failed.error = json::quotable(reason, kMostReasonBytes);
  std::string words = failed.error;
  ledger_.fail(*task, std::move(words), at);
  failed.life = task->record.life;
  return failed;
}

TaskRecord MemoryTaskStore::nack(const Claim& claim, const std::string& reason, const Instant& at) {
  const std::lock_guard lock(mutex_);
  auto* task = find_held(claim);
  TaskRecord nacked = ledger_.record(claim.id);
  if (task == nullptr) return nacked;
  ledger_.apply(*task, TaskEvent::nacked, json::quotable(reason, kMostReasonBytes), at);
  nacked.life = task->record.life;
  return nacked;
}

TaskRecord MemoryTaskStore::find(TaskId id) const {
  const std::lock_guard lock(mutex_);
  return ledger_.record(id);
}

StoreStats MemoryTaskStore::stats() const {
  const std::lock_guard lock(mutex_);
  return ledger_.stats();
}

void MemoryTaskStore::expire_leases(const Instant& at) noexcept {
  const std::lock_guard lock(mutex_);
  ledger_.expire_leases(at);
}

std::optional<Instant> MemoryTaskStore::next_expiry() const {
  const std::lock_guard lock(mutex_);
  return ledger_.next_expiry();
}

/// The task; null when it is completed already. Throws UnknownTask, NotHeld.
TaskLedger::Task* MemoryTaskStore::find_held(const Claim& claim) {
  TaskLedger::Task& task = ledger_.find(claim.id);
  if (task.record.state() == TaskState::completed) return nullptr;
  if (const auto why = why_not_held(task.record, Holder::of(claim))) throw NotHeld(*why);
  return &task;
}

}  // namespace enxame::coordinator
