#include "coordinator/store/task_ledger.h"

#include <algorithm>
#include <new>
#include <utility>

#include "matmul/timing/clock_offset.h"

namespace enxame::coordinator {

namespace {

// What a task takes besides its matrices: the record, its places in the lists, what holds its
// payloads, and what allocation adds.
constexpr std::size_t kRecordBytes = 1024;
static_assert(sizeof(TaskLedger::Task) + sizeof(Operands) + sizeof(Result) < kRecordBytes * 3 / 4);

Duration reading(std::chrono::steady_clock::time_point at) { return at.time_since_epoch(); }

std::string task_name(TaskId id) { return "task " + std::to_string(id); }

/// What `compose` makes; a short word where there is no memory for it.
template <typename Compose>
std::string in_words(Compose&& compose) noexcept {
  try {
    return compose();
  } catch (const std::bad_alloc&) {
    return "no memory";  // fits into the string itself
  }
}

std::string holder_of(const TaskLedger::Task& task) {
  return task.worker.empty() ? "a worker" : "worker \"" + task.worker + "\"";
}

std::size_t wire_bytes(const std::shared_ptr<const Result>& result) {
  return result ? result->wire.size() : 0;
}

}  // namespace

TaskLedger::TaskLedger(const StoreOptions& options, WorkerRegistry& workers)
    : options_(options), workers_(workers), next_id_(options.first_id) {}

TaskLedger::~TaskLedger() = default;

TaskId TaskLedger::add(std::shared_ptr<const Operands> operands) {
  const std::size_t payload_bytes = operands->wire.size();
  const std::size_t product_bytes = FrameHeader{Dtype::f64, operands->product}.frame_bytes();
  const std::size_t bytes = payload_bytes + product_bytes + kRecordBytes;
  check_room(bytes);
  const std::shared_ptr<Task> task =
      make_task(next_id_, gauge_.count(std::move(operands), payload_bytes), options_.now());
  Tasks tasks;
  tasks.emplace(task->id, task);
  take_in(std::move(tasks), *task, bytes, payload_bytes);
  enqueue(*task);
  return task->id;
}

TaskId TaskLedger::add(std::shared_ptr<const SplitOperands> operands,
                       std::shared_ptr<ProductAssembly> product, TimePoint accepted_at) {
  const Partition& partition = operands->partition();
  const std::size_t payload_bytes = operands->bytes();
  const std::size_t bytes =
      payload_bytes + product->bytes() + kRecordBytes * (1 + partition.size());
  check_room(bytes);
  const auto counted = gauge_.count(std::move(operands), payload_bytes);
  const std::shared_ptr<Task> parent = make_task(next_id_, nullptr, accepted_at);
  parent->tiles = Task::Tiles{std::move(product), {}, partition.size()};
  Tasks tasks;
  tasks.emplace(parent->id, parent);
  for (std::size_t i = 0; i < partition.size(); ++i) {
    const auto tile =
        make_task(parent->id + 1 + i,
                  std::make_shared<const Operands>(Operands{
                      Codec::binary, {}, counted->partition().tile(i).shape(), TileOf{counted, i}}),
                  accepted_at);
    tile->parent = parent.get();
    tile->parent_id = parent->id;
    tile->tile = i;
    parent->tiles->all.push_back(tile.get());
    tasks.emplace(tile->id, tile);
  }
  take_in(std::move(tasks), *parent, bytes, payload_bytes);
  for (Task* tile : parent->tiles->all) enqueue(*tile);
  return parent->id;
}

std::shared_ptr<TaskLedger::Task> TaskLedger::make_task(TaskId id,
                                                        std::shared_ptr<const Operands> operands,
                                                        TimePoint accepted_at) const {
  auto task = std::make_shared<Task>();
  task->id = id;
  task->operands = std::move(operands);
  task->accepted_at = accepted_at;
  std::map<TaskId, Task*> queue{{id, task.get()}};
  task->queue_node = queue.extract(queue.begin());
  task->place.push_back(task.get());
  task->self = task->place.begin();
  return task;
}

void TaskLedger::check_room(std::size_t bytes) const {
  const auto refusal = [&](const std::string& taken) {
    return "the task needs " + std::to_string(bytes) + " bytes with its product; " + taken + " " +
           std::to_string(options_.max_stored_bytes);
  };
  if (bytes > options_.max_stored_bytes) {
    throw TaskTooLarge(refusal("tasks may take together"));
  }
  if (next_id_ >= kEndOfTaskIds - Split::kMaxTiles) throw StoreFull("there are no more task ids");
  const std::size_t needed = unfinished_bytes_ + lingering_bytes();
  if (needed + bytes > options_.max_stored_bytes) {
    throw StoreFull(refusal("unfinished ones, and products that are still being sent, hold " +
                            std::to_string(needed) + " of"));
  }
}

/// Takes `tasks`, one as it was submitted and its tiles, into the books.
void TaskLedger::take_in(Tasks tasks, Task& task, std::size_t bytes, std::size_t payload_bytes) {
  // Doubled: a reservation to the task would rehash all of them each time.
  const std::size_t needed = tasks_.size() + tasks.size();
  if (static_cast<float>(needed) >
      tasks_.max_load_factor() * static_cast<float>(tasks_.bucket_count())) {
    tasks_.reserve(2 * needed);
  }
  // Nothing throws beyond this line.
  next_id_ += tasks.size();
  tasks_.merge(tasks);
  task.bytes = bytes;
  task.payload_bytes = payload_bytes;
  stored_bytes_ += bytes;
  payload_bytes_ += payload_bytes;
  unfinished_bytes_ += bytes;
  ++counts_.total;
  forget_finished();
}

/// Of payloads that are no task's any more, while somebody is still sending them.
std::size_t TaskLedger::lingering_bytes() const noexcept {
  const std::size_t alive = gauge_.bytes();
  return alive > payload_bytes_ ? alive - payload_bytes_ : 0;
}

std::shared_ptr<TaskLedger::Task> TaskLedger::find(TaskId id) const {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) throw UnknownTask("there is no " + task_name(id));
  return found->second;
}

TaskLedger::Task* TaskLedger::find_claimed(const Claim& claim) const noexcept {
  const auto found = tasks_.find(claim.id);
  if (found == tasks_.end()) return nullptr;
  Task& task = *found->second;
  const bool is_held = task.state == TaskState::processing && !task.tiles;
  return is_held && task.lease == claim.lease ? &task : nullptr;
}

TaskLedger::Task& TaskLedger::find_held(TaskId id, const Holder& holder) const {
  Task& task = *find(id);
  if (task.tiles) {
    throw NotHeld(task_name(id) +
                  " is split: workers hold its tiles, which have numbers of their "
                  "own");
  }
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
  if (task.fence == Fence::worker && worker.empty() && !task.worker.empty()) {
    throw NotHeld(task_name(id) +
                  " was claimed by a worker that gave its name: the answer has to name it, too "
                  "(workerId)");
  }
  if (task.fence == Fence::lease && holder.lease == 0) {
    throw NotHeld(task_name(id) + " is held over a WebSocket: the answer has to come over it, too");
  }
  return task;
}

TaskView TaskLedger::view(const Task& task) const {
  TaskView view;
  view.id = task.id;
  view.error = task.withdrawn
                   ? "withdrawn, since another tile of " + task_name(task.parent_id) + " failed"
                   : task.error;
  if (task.state == TaskState::completed) view.worker = task.worker;
  refresh(view, task);
  return view;
}

void TaskLedger::refresh(TaskView& view, const Task& task) const noexcept {
  view.state = task.state;
  view.result = task.result;
  if (task.state != TaskState::completed) return;
  view.phases = task.phases;
  view.accepted_at = task.accepted_at;
  view.finished_at = task.finished_at;
}

StoreStats TaskLedger::stats() const noexcept {
  StoreStats stats = counts_;
  stats.active = held_.size();
  stats.queued = queue_.size();
  stats.stored_bytes = stored_bytes_ + lingering_bytes();
  return stats;
}

void TaskLedger::wake_all() noexcept {
  for (const auto& [id, task] : tasks_) {
    for (Waiter* waiter : task->waiters) waiter->finished.notify_one();
  }
}

void TaskLedger::enqueue(Task& task) noexcept {
  task.state = TaskState::pending;
  queue_.insert(std::move(task.queue_node));
}

void TaskLedger::name_holder(Task& task, const std::string& worker) {
  std::string name = worker;
  workers_.let_task_go(task.worker);
  task.worker = std::move(name);
  workers_.took_task(task.worker);
}

Claim TaskLedger::hand_out(Asker asker) noexcept {
  Task& task = *queue_.begin()->second;
  task.queue_node = queue_.extract(queue_.begin());
  task.state = TaskState::processing;
  if (task.parent != nullptr) task.parent->state = TaskState::processing;
  task.worker = std::move(asker.worker);
  task.fence = asker.fence;
  task.claimed_at = options_.now();
  task.lease = ++last_lease_;
  ++task.attempts;
  ++counts_.handed_out;
  held_.splice(held_.end(), task.place, task.self);
  workers_.took_task(task.worker);
  return {task.id, task.lease, task.operands};
}

/// Takes the task from its holder.
void TaskLedger::release(Task& task) noexcept {
  task.place.splice(task.place.begin(), held_, task.self);
  workers_.let_task_go(task.worker);
}

void TaskLedger::give_back(Task& task) noexcept {
  if (task.free_returns == options_.free_returns) {
    ++counts_.given_back;
    return take_back(task, "it did not reach its worker");
  }
  ++task.free_returns;
  put_back(task);
}

void TaskLedger::put_back(Task& task) noexcept {
  ++counts_.given_back;
  --task.attempts;
  release(task);
  enqueue(task);
}

void TaskLedger::take_back(Task& task, std::string_view reason) noexcept {
  if (task.attempts < options_.attempts) {
    release(task);
    return enqueue(task);
  }
  fail(task, in_words([&] {
         return "no product after " + std::to_string(task.attempts) +
                " attempts; the last: " + std::string(reason);
       }));
}

void TaskLedger::lose(Task& task, std::string_view how) noexcept {
  ++counts_.lost;
  take_back(task, in_words([&] { return holder_of(task) + " is gone: " + std::string(how); }));
}

void TaskLedger::reject(Task& task, std::string_view reason) noexcept {
  ++counts_.rejected;
  take_back(task, reason);
}

void TaskLedger::fail(Task& task, std::string reason) noexcept {
  release(task);
  task.finished_at = options_.now();
  fail_task(task, std::move(reason));
}

void TaskLedger::complete(Task& task, Completion completion, TimePoint arrived_at) {
  std::shared_ptr<const Result> result = std::move(completion.result);
  std::string worker;
  if (task.parent != nullptr) {
    result.reset();  // it is in its place already
    if (Task::Tiles& tiles = *task.parent->tiles; tiles.missing == 1) {
      result = tiles.product->whole();
      worker = task.worker;
    }
  }
  if (result) {
    const std::size_t bytes = result->wire.size();
    result = gauge_.count(std::move(result), bytes);
  }
  // Nothing throws beyond this line.
  task.phases = phases_of(task, completion.phases, arrived_at);
  task.finished_at = arrived_at;
  workers_.completed(task.worker);
  release(task);
  if (task.parent != nullptr) return complete_tile(task, std::move(result), std::move(worker));
  task.result = std::move(result);
  finish(task, TaskState::completed);
}

/// `whole` is the product of all tiles, when this is the last, and `worker` whose it is.
void TaskLedger::complete_tile(Task& tile, std::shared_ptr<const Result> whole,
                               std::string worker) noexcept {
  end(tile, TaskState::completed);
  ++counts_.tiles;
  Task& parent = *tile.parent;
  if (--parent.tiles->missing > 0) return;
  parent.result = std::move(whole);
  parent.worker = std::move(worker);
  parent.claimed_at = tile.claimed_at;
  parent.finished_at = tile.finished_at;
  parent.phases = tile.phases;
  finish(parent, TaskState::completed);
}

/// A task, or a tile, that nobody holds any more has failed; a tile takes its task along.
void TaskLedger::fail_task(Task& task, std::string error) noexcept {
  if (task.parent == nullptr) {
    task.error = std::move(error);
    return finish(task, TaskState::failed);
  }
  Task& parent = *task.parent;
  parent.error = in_words([&] {
    return "tile " + std::to_string(task.tile + 1) + " of " +
           std::to_string(parent.tiles->all.size()) + ": " + error;
  });
  parent.finished_at = task.finished_at;
  task.error = std::move(error);
  end(task, TaskState::failed);
  withdraw_tiles(parent);
  finish(parent, TaskState::failed);
}

/// Takes the tiles that are not finished from the queue and from the workers that hold them.
void TaskLedger::withdraw_tiles(Task& parent) noexcept {
  for (Task* tile : parent.tiles->all) {
    if (is_finished(tile->state)) continue;
    if (tile->state == TaskState::processing) {
      release(*tile);
    } else {
      tile->queue_node = queue_.extract(tile->id);
    }
    tile->withdrawn = true;
    end(*tile, TaskState::failed);
  }
}

/// Sets the end of a task, or a tile, that nobody holds any more.
void TaskLedger::end(Task& task, TaskState state) noexcept {
  task.state = state;
  task.operands.reset();
  for (Waiter* waiter : task.waiters) waiter->finished.notify_one();
}

/// A task as it was submitted is completed or failed.
void TaskLedger::finish(Task& task, TaskState state) noexcept {
  end(task, state);
  ++(state == TaskState::completed ? counts_.completed : counts_.failed);
  unfinished_bytes_ -= task.bytes;
  stored_bytes_ -= task.bytes;
  payload_bytes_ -= task.payload_bytes;
  const std::size_t records = 1 + (task.tiles ? task.tiles->all.size() : 0);
  if (task.tiles) task.tiles->product.reset();
  task.payload_bytes = wire_bytes(task.result);
  task.bytes = kRecordBytes * records + task.error.size() + task.payload_bytes;
  stored_bytes_ += task.bytes;
  payload_bytes_ += task.payload_bytes;
  finished_.splice(finished_.end(), task.place, task.self);
  forget_finished();
}

/// From accepted to finished: `worker` is what the worker says of its part.
Phases TaskLedger::phases_of(const Task& task, const WorkerPhases& worker, TimePoint finished_at) {
  ClockOffset nobodys;
  ClockOffset* clock = workers_.clock_of(task.worker);
  const TimeAway away = time_away(reading(task.claimed_at), reading(finished_at), worker,
                                  clock == nullptr ? nobodys : *clock);
  Phases phases;
  phases.queue = task.claimed_at - task.accepted_at + away.waited;
  phases.dispatch = away.dispatch;
  phases.worker = away.worker;
  phases.return_trip = away.return_trip;
  phases.clock_error = away.clock_error;
  return phases;
}

void TaskLedger::forget_finished() noexcept {
  while (finished_.size() > 1 && stored_bytes_ + lingering_bytes() > options_.max_stored_bytes) {
    Task& oldest = *finished_.front();
    oldest.place.splice(oldest.place.begin(), finished_, oldest.self);
    stored_bytes_ -= oldest.bytes;
    payload_bytes_ -= oldest.payload_bytes;
    if (oldest.tiles) {
      for (const Task* tile : oldest.tiles->all) tasks_.erase(tile->id);
    }
    tasks_.erase(oldest.id);
    ++counts_.forgotten;
  }
}

void TaskLedger::expire_leases() noexcept {
  const TimePoint now = options_.now();
  while (!held_.empty() && now - held_.front()->claimed_at >= options_.lease) {
    Task& task = *held_.front();
    ++counts_.leases_expired;
    take_back(task, in_words([&] {
                return "the lease of " + holder_of(task) + " ran out after " +
                       std::to_string(options_.lease.count()) + " ms";
              }));
  }
}

TaskLedger::TimePoint TaskLedger::next_expiry() const noexcept {
  return held_.front()->claimed_at + options_.lease;
}

}  // namespace enxame::coordinator
