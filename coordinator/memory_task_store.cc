#include "coordinator/memory_task_store.h"

#include <algorithm>
#include <utility>

#include "matmul/clock_offset.h"

namespace enxame {

namespace {

// What a task takes besides its matrices: the record, its places in the lists, allocation.
constexpr std::size_t kRecordBytes = 512;

Duration reading(std::chrono::steady_clock::time_point at) { return at.time_since_epoch(); }

std::string task_name(TaskId id) { return "task " + std::to_string(id); }

}  // namespace

MemoryTaskStore::MemoryTaskStore(StoreOptions options)
    : options_(std::move(options)), lease_thread_([this] { watch_leases(); }) {}

MemoryTaskStore::~MemoryTaskStore() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  lease_added_.notify_all();
  lease_thread_.join();
}

TaskId MemoryTaskStore::submit(std::shared_ptr<const Operands> operands, const Split& split) {
  if (split.kind == SplitKind::none) return submit_whole(std::move(operands));
  const Partition partition(operands->product, split.kind, wanted_tiles(split));
  if (partition.size() == 1) return submit_whole(std::move(operands));
  return submit_tiles(std::move(operands), partition, split.reuse);
}

std::size_t MemoryTaskStore::wanted_tiles(const Split& split) const {
  if (split.tiles > 0) return std::min(split.tiles, Split::kMaxTiles);
  const std::lock_guard lock(mutex_);
  return std::clamp<std::size_t>(workers_.present(options_.now()), 1, Split::kMaxTiles);
}

TaskId MemoryTaskStore::submit_whole(std::shared_ptr<const Operands> operands) {
  const std::size_t bytes = operands->wire.size() + kRecordBytes;
  const std::lock_guard lock(mutex_);
  Task& task = add(std::move(operands), bytes);
  ++counts_.total;
  offer(task, false);
  return task.id;
}

TaskId MemoryTaskStore::submit_tiles(std::shared_ptr<const Operands> operands,
                                     const Partition& partition, bool reuse) {
  const auto accepted_at = options_.now();
  const auto whole = std::make_shared<const SplitOperands>(
      std::move(operands), partition, digester_, reuse ? "" : std::to_string(++last_salt_));
  const auto product = std::make_shared<ProductAssembly>(partition, whole->dtype());
  const std::size_t bytes =
      whole->bytes() + product->bytes() + kRecordBytes * (1 + partition.size());
  Lock lock(mutex_);
  Task& parent = add(nullptr, bytes);
  const TaskId id = parent.id;
  parent.accepted_at = accepted_at;
  parent.tiles = Tiles{product, {}, partition.size()};
  ++counts_.total;
  for (std::size_t i = 0; i < partition.size(); ++i) {
    Task& tile = add(std::make_shared<const Operands>(
                         Operands{Codec::binary, {}, partition.tile(i).shape(), TileOf{whole, i}}),
                     0);
    tile.accepted_at = accepted_at;
    tile.parent = id;
    tile.tile = i;
    parent.tiles->ids.push_back(tile.id);
  }
  for (const TaskId tile : parent.tiles->ids) offer(find(tile), false);
  lock.unlock();
  product->prepare();  // while the workers compute
  return id;
}

/// Takes a task into the books. Throws StoreFull.
MemoryTaskStore::Task& MemoryTaskStore::add(std::shared_ptr<const Operands> operands,
                                            std::size_t bytes) {
  if (unfinished_bytes_ + bytes > options_.max_stored_bytes) {
    throw StoreFull("the task needs " + std::to_string(bytes) + " bytes; unfinished tasks hold " +
                    std::to_string(unfinished_bytes_) + " of " +
                    std::to_string(options_.max_stored_bytes));
  }
  auto task = std::make_shared<Task>();
  task->id = ++last_id_;
  task->operands = std::move(operands);
  task->accepted_at = options_.now();
  task->bytes = bytes;
  stored_bytes_ += bytes;
  unfinished_bytes_ += bytes;
  Task& added = *tasks_.emplace(task->id, task).first->second;
  forget_finished();
  return added;
}

std::optional<Claim> MemoryTaskStore::claim(const std::string& worker,
                                            std::chrono::milliseconds patience,
                                            const std::function<bool()>& still_there) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  Lock lock(mutex_);
  note_presence(worker);
  if (!queue_.empty()) {
    Task& task = find(queue_.front());
    queue_.pop_front();
    return hand_out(task, worker);
  }
  if (closed_ || patience <= std::chrono::milliseconds::zero()) return std::nullopt;

  Claimant self{worker, std::nullopt, {}};
  const auto place = claimants_.insert(claimants_.end(), &self);
  workers_.began_to_wait(worker);
  bool present = true;
  const auto is_over = [&] { return self.claim || closed_; };
  while (!is_over() && present && std::chrono::steady_clock::now() < deadline) {
    const auto next_check = std::chrono::steady_clock::now() + options_.presence_check;
    if (self.served.wait_until(lock, std::min(deadline, next_check), is_over)) break;
    lock.unlock();
    present = still_there();
    lock.lock();
  }
  workers_.ended_to_wait(worker);
  workers_.saw(worker, options_.now());
  if (!self.claim) claimants_.erase(place);
  return std::move(self.claim);
}

void MemoryTaskStore::give_back(const Claim& claim) noexcept {
  const std::lock_guard lock(mutex_);
  Task* task = find_claimed(claim);
  if (task == nullptr) return;
  --task->attempts;
  ++counts_.given_back;
  release(*task);
  offer(*task, true);
}

void MemoryTaskStore::lose(const Claim& claim, const std::string& reason) noexcept {
  const std::lock_guard lock(mutex_);
  Task* task = find_claimed(claim);
  if (task == nullptr) return;
  ++counts_.lost;
  take_back(*task, reason);
}

std::shared_ptr<const Operands> MemoryTaskStore::held_operands(TaskId id,
                                                               const Holder& holder) const {
  const std::lock_guard lock(mutex_);
  if (find(id).state == TaskState::completed) return nullptr;
  return find_held(id, holder).operands;
}

TaskView MemoryTaskStore::complete(TaskId id, const Holder& holder, Completion completion) {
  const TimePoint arrived_at = options_.now();
  Lock lock(mutex_);
  note_presence(holder.worker);
  if (const Task& task = find(id); task.state == TaskState::completed) return view(task);
  if (const Task& task = find_held(id, holder); task.parent != 0) {
    const auto product = find(task.parent).tiles->product;
    const std::size_t tile = task.tile;
    // Copied while others go on. Whoever holds the tile by then, its product is in its place.
    lock.unlock();
    product->place(tile, *completion.result);
    completion.result.reset();
    lock.lock();
    if (const Task& now = find(id); now.state == TaskState::completed) return view(now);
  }
  Task& task = find_held(id, holder);
  if (task.worker.empty()) task.worker = holder.worker;
  task.result = std::move(completion.result);
  task.finished_at = arrived_at;
  task.phases = phases_of(task, completion.phases);
  workers_.completed(task.worker);
  release(task);
  task.parent == 0 ? finish(task, TaskState::completed) : complete_tile(task);
  TaskView completed = view(task);
  completed.just_completed = true;
  return completed;
}

TaskView MemoryTaskStore::fail(TaskId id, const Holder& holder, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  note_presence(holder.worker);
  if (const Task& task = find(id); task.state == TaskState::completed) return view(task);
  Task& task = find_held(id, holder);
  task.error = reason;
  task.finished_at = options_.now();
  release(task);
  fail_task(task);
  return view(task);
}

void MemoryTaskStore::reject(TaskId id, const Holder& holder, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  note_presence(holder.worker);
  Task& task = find_held(id, holder);
  ++counts_.rejected;
  take_back(task, reason);
}

TaskView MemoryTaskStore::result(TaskId id, std::chrono::milliseconds patience) {
  Lock lock(mutex_);
  find(id);
  // Held here, because the task may be forgotten between its end and the waking of this thread.
  const std::shared_ptr<Task> task = tasks_.at(id);
  if (patience > std::chrono::milliseconds::zero() && !is_finished(task->state) && !closed_) {
    ResultWaiter self;
    task->waiters.push_back(&self);
    self.finished.wait_for(lock, patience, [&] { return is_finished(task->state) || closed_; });
    std::erase(task->waiters, &self);
  }
  return view(*task);
}

StoreStats MemoryTaskStore::stats() const {
  const std::lock_guard lock(mutex_);
  StoreStats stats = counts_;
  stats.active = held_.size();
  stats.queued = queue_.size();
  stats.claimants = claimants_.size();
  stats.stored_bytes = stored_bytes_;
  return stats;
}

std::vector<WorkerView> MemoryTaskStore::workers(std::size_t count,
                                                 std::chrono::milliseconds patience) {
  Lock lock(mutex_);
  ++presence_waiters_;
  presence_changed_.wait_for(lock, patience,
                             [&] { return closed_ || workers_.present(options_.now()) >= count; });
  --presence_waiters_;
  return workers_.list(options_.now());
}

void MemoryTaskStore::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (Claimant* claimant : claimants_) claimant->served.notify_one();
  for (const auto& [id, task] : tasks_) {
    for (ResultWaiter* waiter : task->waiters) waiter->finished.notify_one();
  }
  presence_changed_.notify_all();
}

void MemoryTaskStore::expire_leases() {
  const std::lock_guard lock(mutex_);
  expire_leases_locked();
}

MemoryTaskStore::Task& MemoryTaskStore::find(TaskId id) const {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) throw UnknownTask("there is no " + task_name(id));
  return *found->second;
}

/// The task, if that claim is the one under which it is held.
MemoryTaskStore::Task* MemoryTaskStore::find_claimed(const Claim& claim) const {
  const auto found = tasks_.find(claim.id);
  if (found == tasks_.end()) return nullptr;
  Task& task = *found->second;
  return task.state == TaskState::processing && task.lease == claim.lease ? &task : nullptr;
}

MemoryTaskStore::Task& MemoryTaskStore::find_held(TaskId id, const Holder& holder) const {
  Task& task = find(id);
  if (task.state != TaskState::processing) {
    throw NotHeld(task_name(id) + " is held by nobody, it is " +
                  std::string(to_string(task.state)));
  }
  const std::string& worker = holder.worker;
  if (!worker.empty() && !task.worker.empty() && worker != task.worker) {
    throw NotHeld(task_name(id) + " is held by \"" + task.worker + "\", not by \"" + worker + "\"");
  }
  if (holder.lease != 0 && holder.lease != task.lease) {
    throw NotHeld(task_name(id) + " is held under lease " + std::to_string(task.lease) +
                  ", not under " + std::to_string(holder.lease));
  }
  return task;
}

TaskView MemoryTaskStore::view(const Task& task) const {
  TaskView view;
  view.id = task.id;
  view.state = task.state;
  view.result = task.result;
  view.error = task.error;
  if (task.state == TaskState::completed) {
    view.worker = task.worker;
    view.phases = task.phases;
    view.accepted_at = task.accepted_at;
    view.finished_at = task.finished_at;
  }
  return view;
}

void MemoryTaskStore::offer(Task& task, bool at_head) {
  task.state = TaskState::pending;
  if (claimants_.empty()) {
    at_head ? queue_.push_front(task.id) : queue_.push_back(task.id);
    return;
  }
  Claimant& claimant = *claimants_.front();
  claimants_.pop_front();
  claimant.claim = hand_out(task, claimant.worker);
  claimant.served.notify_one();
}

Claim MemoryTaskStore::hand_out(Task& task, const std::string& worker) {
  task.state = TaskState::processing;
  if (task.parent != 0) find(task.parent).state = TaskState::processing;
  task.worker = worker;
  task.claimed_at = options_.now();
  task.lease = ++last_lease_;
  ++task.attempts;
  ++counts_.handed_out;
  task.held_place = held_.insert(held_.end(), task.id);
  workers_.took_task(worker);
  if (lease_thread_rests_) lease_added_.notify_one();
  return {task.id, task.lease, task.operands};
}

void MemoryTaskStore::release(Task& task) {
  held_.erase(task.held_place);
  workers_.let_task_go(task.worker);
}

void MemoryTaskStore::take_back(Task& task, const std::string& reason) {
  release(task);
  if (task.attempts < options_.attempts) return offer(task, true);
  task.error =
      "no product after " + std::to_string(task.attempts) + " attempts; the last: " + reason;
  task.finished_at = options_.now();
  fail_task(task);
}

/// Sets the end of a task, or a tile, that nobody holds any more.
void MemoryTaskStore::end(Task& task, TaskState state) {
  task.state = state;
  task.operands.reset();
  for (ResultWaiter* waiter : task.waiters) waiter->finished.notify_one();
}

void MemoryTaskStore::complete_tile(Task& tile) {
  end(tile, TaskState::completed);
  ++counts_.tiles;
  Task& parent = find(tile.parent);
  if (--parent.tiles->missing > 0) return;
  parent.result = parent.tiles->product->take();
  parent.worker = tile.worker;
  parent.claimed_at = tile.claimed_at;
  parent.finished_at = tile.finished_at;
  parent.phases = tile.phases;
  finish(parent, TaskState::completed);
}

/// `task` has failed for the reason that it holds; a tile takes its task along.
void MemoryTaskStore::fail_task(Task& task) {
  if (task.parent == 0) return finish(task, TaskState::failed);
  end(task, TaskState::failed);
  Task& parent = find(task.parent);
  withdraw_tiles(parent);
  parent.error = "tile " + std::to_string(task.tile + 1) + " of " +
                 std::to_string(parent.tiles->ids.size()) + ": " + task.error;
  parent.finished_at = task.finished_at;
  finish(parent, TaskState::failed);
}

/// Takes the tiles that are not finished from the queue and from the workers that hold them.
void MemoryTaskStore::withdraw_tiles(const Task& parent) {
  std::erase_if(queue_, [&](TaskId id) { return find(id).parent == parent.id; });
  for (const TaskId id : parent.tiles->ids) {
    Task& tile = find(id);
    if (is_finished(tile.state)) continue;
    if (tile.state == TaskState::processing) release(tile);
    tile.error = "withdrawn, since another tile of " + task_name(parent.id) + " failed";
    end(tile, TaskState::failed);
  }
}

/// A task as it was submitted is completed or failed.
void MemoryTaskStore::finish(Task& task, TaskState state) {
  end(task, state);
  ++(state == TaskState::completed ? counts_.completed : counts_.failed);
  unfinished_bytes_ -= task.bytes;
  stored_bytes_ -= task.bytes;
  const std::size_t records = 1 + (task.tiles ? task.tiles->ids.size() : 0);
  if (task.tiles) task.tiles->product.reset();
  task.bytes =
      kRecordBytes * records + task.error.size() + (task.result ? task.result->wire.size() : 0);
  stored_bytes_ += task.bytes;
  finished_.push_back(task.id);
  forget_finished();
}

/// From accepted to finished: `worker` is what the worker says of its part.
Phases MemoryTaskStore::phases_of(const Task& task, const WorkerPhases& worker) {
  ClockOffset nobodys;
  ClockOffset* clock = workers_.clock_of(task.worker);
  const TimeAway away = time_away(reading(task.claimed_at), reading(task.finished_at), worker,
                                  clock == nullptr ? nobodys : *clock);
  Phases phases;
  phases.queue = task.claimed_at - task.accepted_at + away.waited;
  phases.dispatch = away.dispatch;
  phases.worker = worker;
  phases.return_trip = away.return_trip;
  phases.clock_error = away.clock_error;
  return phases;
}

void MemoryTaskStore::forget_finished() {
  while (stored_bytes_ > options_.max_stored_bytes && finished_.size() > 1) {
    const Task& oldest = find(finished_.front());
    finished_.pop_front();
    stored_bytes_ -= oldest.bytes;
    if (oldest.tiles) {
      for (const TaskId tile : oldest.tiles->ids) tasks_.erase(tile);
    }
    tasks_.erase(oldest.id);
    ++counts_.forgotten;
  }
}

void MemoryTaskStore::note_presence(const std::string& worker) {
  workers_.saw(worker, options_.now());
  if (presence_waiters_ > 0) presence_changed_.notify_all();
}

void MemoryTaskStore::expire_leases_locked() {
  const TimePoint now = options_.now();
  while (!held_.empty()) {
    Task& task = find(held_.front());
    if (now - task.claimed_at < options_.lease) return;
    const std::string who = task.worker.empty() ? "a worker" : "worker \"" + task.worker + "\"";
    ++counts_.leases_expired;
    take_back(task, "the lease of " + who + " ran out after " +
                        std::to_string(options_.lease.count()) + " ms");
  }
}

void MemoryTaskStore::watch_leases() {
  Lock lock(mutex_);
  while (!stopping_) {
    if (held_.empty()) {
      lease_thread_rests_ = true;
      lease_added_.wait(lock, [this] { return stopping_ || !held_.empty(); });
      lease_thread_rests_ = false;
    } else {
      const auto left = find(held_.front()).claimed_at + options_.lease - options_.now();
      lease_added_.wait_for(lock, left, [this] { return stopping_; });
      expire_leases_locked();
    }
  }
}

}  // namespace enxame
