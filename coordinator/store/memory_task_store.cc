#include "coordinator/store/memory_task_store.h"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "json/utf8.h"

namespace enxame::coordinator {

namespace {

/// What a worker says may be as long as a product, and is kept as long as its task.
constexpr std::size_t kMostReasonBytes = 1'000;

/// The claim of that lease, which is over, of a task that nobody has finished since; null where
/// there is none.
const EndedClaim* ended_claim(const TaskRecord& task, std::uint64_t lease) {
  if (lease == 0 || task.is_split() || is_finished(task.state())) return nullptr;
  return task.history.find(lease);
}

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

/// Does `attempt`, and tells those who watch why the task has no room.
template <typename Attempt>
auto MemoryTaskStore::telling_refusals(const Attempt& attempt) {
  try {
    return attempt();
  } catch (const QueueFull&) {
    ledger_.refused(Refusal::queue_full);
    throw;
  } catch (const StoreFull&) {
    ledger_.refused(Refusal::store_full);
    throw;
  } catch (const TaskTooLarge&) {
    ledger_.refused(Refusal::too_large);
    throw;
  }
}

Submitted MemoryTaskStore::submit(const NewTask& task, const Instant& at) {
  const std::lock_guard lock(mutex_);
  return telling_refusals([&] { return ledger_.add(task, at); });
}

void MemoryTaskStore::restore(const NewTask& task, const Restored& restored, const Instant& at) {
  const std::lock_guard lock(mutex_);
  ledger_.restore(task, restored, at);
}

TaskRecord MemoryTaskStore::cancel(TaskId id, const Instant& at) {
  const std::lock_guard lock(mutex_);
  auto& task = ledger_.find(id);
  if (!task.record.is_tile() && task.record.state() == TaskState::cancelled) return task.record;
  if (const auto why = why_not_cancelled(task.record)) throw WrongState(*why);
  return ledger_.cancel(task, at);
}

TaskRecord MemoryTaskStore::retry(TaskId id, const Instant&) {
  const std::lock_guard lock(mutex_);
  auto& task = ledger_.find(id);
  if (const auto why = why_not_retried(task.record)) throw WrongState(*why);
  return telling_refusals([&] { return ledger_.retry(task); });
}

bool MemoryTaskStore::renew(const Claim& claim, const Instant& at) noexcept {
  const std::lock_guard lock(mutex_);
  auto* task = ledger_.find_claimed(claim);
  if (task != nullptr) ledger_.renew(*task, at);
  return task != nullptr;
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
  if (auto* task = ledger_.find_claimed(claim)) {
    ledger_.apply(*task, TaskEvent::unsent, kUnsentWords, at);
  }
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
  const auto why = why_not_held(task, holder);
  if (!why) return Held{claim_of(task), task.worker};
  const EndedClaim* ended = ended_claim(task, holder.lease());
  if (ended != nullptr && holder.may_be(ended->worker)) {
    return Held{{task.id, ended->lease, task.operands, ended->claimed_at}, ended->worker, true};
  }
  throw NotHeld(*why);
}

TaskRecord MemoryTaskStore::complete(const Claim& claim, Completion completion, const Instant& at) {
  const std::lock_guard lock(mutex_);
  auto& task = ledger_.find(claim.id);
  if (task.record.state() == TaskState::completed) {
    TaskRecord completed = task.record;
    payloads_.drop(completion.product);
    return completed;
  }
  const auto why = why_not_held(task.record, Holder::of(claim));
  if (!why) return ledger_.complete(task, std::move(completion), at);
  if (ended_claim(task.record, claim.lease) == nullptr) throw NotHeld(*why);
  if (!completion.is_right) throw HeldNoLonger(*why);
  return ledger_.complete_late(task, claim, completion, at);
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

void MemoryTaskStore::contradict(TaskId id, Contradiction contradiction) {
  const std::lock_guard lock(mutex_);
  ledger_.find(id).record.history.add(std::move(contradiction));
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

Duration MemoryTaskStore::shortest_lease() const noexcept {
  return std::min(options_.lease, options_.hold);
}

/// The task; null when it is completed already. Throws UnknownTask, NotHeld.
TaskLedger::Task* MemoryTaskStore::find_held(const Claim& claim) {
  TaskLedger::Task& task = ledger_.find(claim.id);
  if (task.record.state() == TaskState::completed) return nullptr;
  if (const auto why = why_not_held(task.record, Holder::of(claim))) throw NotHeld(*why);
  return &task;
}

}  // namespace enxame::coordinator
