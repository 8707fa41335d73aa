#include "coordinator/store/memory_task_store.h"

#include <algorithm>
#include <cstddef>
#include <new>
#include <stdexcept>
#include <utility>

#include "json/utf8.h"

namespace enxame::coordinator {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// What a worker says may be as long as a product, and is kept as long as its task.
constexpr std::size_t kMostReasonBytes = 1'000;

StoreOptions checked(StoreOptions options) {
  if (options.first_id == 0 || options.first_id >= kEndOfTaskIds) {
    throw std::invalid_argument("the first task id is " + std::to_string(options.first_id) +
                                ", expected 1 to " + std::to_string(kEndOfTaskIds - 1));
  }
  return options;
}

/// Asks for a product's memory while the workers compute. The task is accepted by now: where there
/// is none, the first tile asks again.
void prepare(ProductAssembly& product) {
  try {
    product.prepare();
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace

MemoryTaskStore::MemoryTaskStore(StoreOptions options)
    : options_(checked(std::move(options))),
      ledger_(options_, workers_),
      lease_thread_([this] { watch_leases(); }) {}

MemoryTaskStore::~MemoryTaskStore() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  lease_added_.notify_all();
  lease_thread_.join();
}

TaskId MemoryTaskStore::submit(std::shared_ptr<const Operands> operands, const Split& split) {
  const auto accepted_at = options_.now();
  if (split.kind != SplitKind::none) {
    const Partition partition(operands->product, split.kind, wanted_tiles(split));
    if (partition.size() > 1) {
      auto whole =
          std::make_shared<const SplitOperands>(std::move(operands), partition, digester_,
                                                split.reuse ? "" : std::to_string(++last_salt_));
      const auto product = std::make_shared<ProductAssembly>(partition);
      Lock lock(mutex_);
      const TaskId id = ledger_.add(std::move(whole), product, accepted_at);
      serve();
      lock.unlock();
      prepare(*product);
      return id;
    }
  }
  const std::lock_guard lock(mutex_);
  const TaskId id = ledger_.add(std::move(operands));
  serve();
  return id;
}

/// As many as can be counted on, where the submission does not say: names alone are no workers.
std::size_t MemoryTaskStore::wanted_tiles(const Split& split) {
  if (split.tiles > 0) return std::min(split.tiles, Split::kMaxTiles);
  const std::lock_guard lock(mutex_);
  return std::clamp<std::size_t>(workers_.reliable(), 1, Split::kMaxTiles);
}

std::optional<Claim> MemoryTaskStore::claim(Asker asker, milliseconds patience,
                                            const StillThere& still_there) {
  Lock lock(mutex_);
  note_presence(asker.worker);
  if (ledger_.has_pending()) {
    Claim claim = ledger_.hand_out(std::move(asker));
    note_lease();
    return claim;
  }
  if (closed_ || patience <= milliseconds::zero()) return std::nullopt;

  const std::string worker = asker.worker;
  Claimant self{std::move(asker), std::nullopt, {}};
  const auto place = claimants_.insert(claimants_.end(), &self);
  workers_.began_to_wait(worker);
  wait(lock, self.served, patience, still_there, [&] { return self.claim || closed_; });
  workers_.ended_to_wait(worker);
  if (!self.claim) claimants_.erase(place);
  workers_.saw(worker, options_.now());
  return std::move(self.claim);
}

/// Waits until `is_over`, at most for `patience`, or until whoever waits has gone.
template <typename IsOver>
void MemoryTaskStore::wait(Lock& lock, std::condition_variable& event, milliseconds patience,
                           const StillThere& still_there, IsOver is_over) {
  const auto deadline = steady_clock::now() + patience;
  bool present = true;
  while (!is_over() && present && steady_clock::now() < deadline) {
    const auto next_check = steady_clock::now() + options_.presence_check;
    if (event.wait_until(lock, std::min(deadline, next_check), is_over)) return;
    lock.unlock();
    present = still_there();
    lock.lock();
  }
}

void MemoryTaskStore::give_back(const Claim& claim) noexcept {
  const std::lock_guard lock(mutex_);
  TaskLedger::Task* task = ledger_.find_claimed(claim);
  if (task == nullptr) return;
  ledger_.give_back(*task);
  serve();
}

void MemoryTaskStore::put_back(const Claim& claim) noexcept {
  const std::lock_guard lock(mutex_);
  TaskLedger::Task* task = ledger_.find_claimed(claim);
  if (task == nullptr) return;
  ledger_.put_back(*task);
  serve();
}

void MemoryTaskStore::lose(const Claim& claim, std::string_view how) noexcept {
  const std::lock_guard lock(mutex_);
  TaskLedger::Task* task = ledger_.find_claimed(claim);
  if (task == nullptr) return;
  ledger_.lose(*task, how);
  serve();
}

std::shared_ptr<const Operands> MemoryTaskStore::held_operands(TaskId id,
                                                               const Holder& holder) const {
  const std::lock_guard lock(mutex_);
  if (ledger_.find(id)->state == TaskState::completed) return nullptr;
  return ledger_.find_held(id, holder).operands;
}

TaskView MemoryTaskStore::complete(TaskId id, const Holder& holder, Completion completion) {
  const auto arrived_at = options_.now();
  Lock lock(mutex_);
  note_presence(holder.worker);
  const std::shared_ptr<TaskLedger::Task> task = ledger_.find(id);
  if (task->state == TaskState::completed) return ledger_.view(*task);
  ledger_.find_held(id, holder);
  if (completion.result == nullptr) throw std::invalid_argument("there is no product");
  if (task->parent != nullptr) {
    const auto product = task->parent->tiles->product;
    // Copied while others go on. Whoever holds the tile by then, its product is in its place.
    lock.unlock();
    product->place(task->tile, *completion.result);
    lock.lock();
    if (task->state == TaskState::completed) return ledger_.view(*task);
    ledger_.find_held(id, holder);
  }
  if (task->worker.empty()) ledger_.name_holder(*task, holder.worker);
  TaskView completed = ledger_.view(*task);
  completed.worker = task->worker;
  ledger_.complete(*task, std::move(completion), arrived_at);
  ledger_.refresh(completed, *task);
  completed.just_completed = true;
  return completed;
}

TaskView MemoryTaskStore::fail(TaskId id, const Holder& holder, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  note_presence(holder.worker);
  const std::shared_ptr<TaskLedger::Task> task = ledger_.find(id);
  if (task->state == TaskState::completed) return ledger_.view(*task);
  ledger_.find_held(id, holder);
  std::string words = json::quotable(reason, kMostReasonBytes);
  TaskView failed = ledger_.view(*task);
  failed.error = words;
  ledger_.fail(*task, std::move(words));
  ledger_.refresh(failed, *task);
  return failed;
}

TaskView MemoryTaskStore::reject(TaskId id, const Holder& holder, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  note_presence(holder.worker);
  const std::shared_ptr<TaskLedger::Task> task = ledger_.find(id);
  if (task->state == TaskState::completed) return ledger_.view(*task);
  ledger_.find_held(id, holder);
  const std::string words = json::quotable(reason, kMostReasonBytes);
  TaskView rejected = ledger_.view(*task);
  ledger_.reject(*task, words);
  serve();
  ledger_.refresh(rejected, *task);
  return rejected;
}

TaskView MemoryTaskStore::result(TaskId id, milliseconds patience, const StillThere& still_there) {
  Lock lock(mutex_);
  // Held here, because the task may be forgotten between its end and the waking of this thread.
  const std::shared_ptr<TaskLedger::Task> task = ledger_.find(id);
  if (patience > milliseconds::zero() && !is_finished(task->state) && !closed_) {
    TaskLedger::Waiter self;
    task->waiters.push_back(&self);
    wait(lock, self.finished, patience, still_there,
         [&] { return is_finished(task->state) || closed_; });
    std::erase(task->waiters, &self);
  }
  return ledger_.view(*task);
}

StoreStats MemoryTaskStore::stats() const {
  const std::lock_guard lock(mutex_);
  StoreStats stats = ledger_.stats();
  stats.claimants = claimants_.size();
  return stats;
}

std::vector<WorkerView> MemoryTaskStore::workers(std::size_t count, milliseconds patience,
                                                 const StillThere& still_there) {
  Lock lock(mutex_);
  std::shared_ptr<const std::vector<WorkerView>> found;
  if (patience > milliseconds::zero() && workers_.present(options_.now()) < count) {
    PresenceWaiter self;
    const auto place = presence_waiters_.emplace(count, &self);
    wait(lock, self.satisfied, patience, still_there, [&] { return self.found || closed_; });
    presence_waiters_.erase(place);
    found = std::move(self.found);
  }
  if (!found)
    found = std::make_shared<const std::vector<WorkerView>>(workers_.list(options_.now()));
  lock.unlock();
  std::vector<WorkerView> views = *found;
  std::ranges::sort(views, {}, &WorkerView::id);
  return views;
}

void MemoryTaskStore::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (Claimant* claimant : claimants_) claimant->served.notify_one();
  for (const auto& [count, waiter] : presence_waiters_) waiter->satisfied.notify_one();
  ledger_.wake_all();
}

void MemoryTaskStore::expire_leases() {
  const std::lock_guard lock(mutex_);
  ledger_.expire_leases();
  serve();
}

/// Gives what is in the queue to those who wait for it.
void MemoryTaskStore::serve() noexcept {
  while (!claimants_.empty() && ledger_.has_pending()) {
    Claimant& claimant = *claimants_.front();
    claimants_.pop_front();
    claimant.claim = ledger_.hand_out(std::move(claimant.asker));
    claimant.served.notify_one();
  }
  note_lease();
}

void MemoryTaskStore::note_lease() noexcept {
  if (lease_thread_rests_ && ledger_.has_held()) lease_added_.notify_one();
}

/// Wakes those who have waited for as many workers as there are now.
void MemoryTaskStore::note_presence(const std::string& worker) {
  const auto now = options_.now();
  if (!workers_.saw(worker, now) || presence_waiters_.empty()) return;
  const auto end = presence_waiters_.upper_bound(workers_.present(now));
  if (end == presence_waiters_.begin()) return;
  // One list for all of them, which each copies when others can go on.
  const auto found = std::make_shared<const std::vector<WorkerView>>(workers_.list(now));
  for (auto each = presence_waiters_.begin(); each != end; ++each) {
    if (each->second->found) continue;  // and is about to go
    each->second->found = found;
    each->second->satisfied.notify_one();
  }
}

void MemoryTaskStore::watch_leases() {
  Lock lock(mutex_);
  while (!stopping_) {
    if (!ledger_.has_held()) {
      lease_thread_rests_ = true;
      lease_added_.wait(lock, [this] { return stopping_ || ledger_.has_held(); });
      lease_thread_rests_ = false;
    } else {
      const auto left = ledger_.next_expiry() - options_.now();
      lease_added_.wait_for(lock, left, [this] { return stopping_; });
      ledger_.expire_leases();
      serve();
    }
  }
}

}  // namespace enxame::coordinator
