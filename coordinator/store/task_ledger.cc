#include "coordinator/store/task_ledger.h"

#include <new>
#include <utility>

namespace enxame::coordinator {

namespace {

// What a task takes besides its matrices: the record, its places in the lists, what holds its
// payloads, and what allocation adds.
constexpr std::size_t kRecordBytes = 1024;
static_assert(sizeof(TaskLedger::Task) + sizeof(Operands) + sizeof(Result) < kRecordBytes * 3 / 4);

/// What `compose` makes; a short word where there is no memory for it.
template <typename Compose>
std::string in_words(Compose&& compose) noexcept {
  try {
    return compose();
  } catch (const std::bad_alloc&) {
    return "no memory";  // fits into the string itself
  }
}

}  // namespace

TaskLedger::TaskLedger(const StoreOptions& options, PayloadStore& payloads)
    : options_(options), payloads_(payloads), next_id_(options.first_id) {}

TaskLedger::~TaskLedger() = default;

TaskId TaskLedger::add(const NewTask& added, const Instant& at) {
  const std::size_t bytes =
      added.operands.bytes + added.product_bytes + kRecordBytes * (1 + added.tiles);
  check_room(bytes);
  Tasks tasks;
  Task& task = make_task(tasks, next_id_, added.operands, at);
  if (added.tiles > 0) {
    task.record.tiles = added.tiles;
    task.tiles = Task::Tiles{added.product, {}, added.tiles};
    task.tiles->all.reserve(added.tiles);
    for (std::size_t i = 0; i < added.tiles; ++i) {
      PayloadRef part = added.operands;
      part.tile = i;
      Task& tile = make_task(tasks, task.record.id + 1 + i, part, at);
      tile.parent = &task;
      tile.record.parent = task.record.id;
      tile.record.tile = i;
      task.tiles->all.push_back(&tile);
    }
  }
  take_in(std::move(tasks), task, bytes);
  return task.record.id;
}

TaskLedger::Task& TaskLedger::make_task(Tasks& tasks, TaskId id, const PayloadRef& operands,
                                        const Instant& at) {
  Task& task = tasks[id];
  task.record.id = id;
  task.record.operands = operands;
  task.record.accepted_at = at;
  std::map<TaskId, Task*> queue{{id, &task}};
  task.queue_node = queue.extract(queue.begin());
  task.place.push_back(&task);
  task.self = task.place.begin();
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
  const std::size_t needed = unfinished_bytes_ + payloads_.lingering_bytes();
  if (needed + bytes > options_.max_stored_bytes) {
    throw StoreFull(refusal("unfinished ones, and products that are still being sent, hold " +
                            std::to_string(needed) + " of"));
  }
}

/// Takes `tasks`, one as it was submitted and its tiles, into the books and the queue.
void TaskLedger::take_in(Tasks tasks, Task& task, std::size_t bytes) {
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
  stored_bytes_ += bytes;
  unfinished_bytes_ += bytes;
  ++total_;
  forget_finished();
  if (task.tiles) {
    for (Task* tile : task.tiles->all) queue_.insert(std::move(tile->queue_node));
  } else {
    queue_.insert(std::move(task.queue_node));
  }
  for (TaskObserver* observer : observers_) observer->submitted(task.record);
}

TaskLedger::Task& TaskLedger::find(TaskId id) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) throw UnknownTask("there is no " + task_name(id));
  return found->second;
}

const TaskRecord& TaskLedger::record(TaskId id) const {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) throw UnknownTask("there is no " + task_name(id));
  return found->second.record;
}

TaskLedger::Task* TaskLedger::find_claimed(const Claim& claim) noexcept {
  const auto found = tasks_.find(claim.id);
  if (found == tasks_.end()) return nullptr;
  const TaskRecord& task = found->second.record;
  const bool is_held = task.state() == TaskState::processing && !task.is_split();
  return is_held && task.lease == claim.lease ? &found->second : nullptr;
}

StoreStats TaskLedger::stats() const noexcept {
  return {.total = total_,
          .completed = completed_,
          .active = held_.size(),
          .queued = queue_.size(),
          .stored_bytes = stored_bytes_ + payloads_.lingering_bytes()};
}

Claim TaskLedger::hand_out(Asker& asker, const Instant& at) noexcept {
  Task& task = *queue_.begin()->second;
  task.record.worker = std::move(asker.worker);
  task.record.fence = asker.fence;
  task.record.claimed_at = claimed_at(task.record.accepted_at, at);
  task.record.lease = ++last_lease_;
  apply(task, TaskEvent::claimed, {}, at);
  return claim_of(task.record);
}

void TaskLedger::apply(Task& task, TaskEvent event, std::string_view reason,
                       const Instant& at) noexcept {
  const auto next = transition(task.record.life, event, options_.limits);
  if (!next) return;
  if (next->effects.exhausted) {
    task.record.error = in_words([&] { return exhausted_words(next->after.attempts, reason); });
  }
  if (next->effects.finish) task.record.finished_at = at;
  take(task, event, *next);
  if (task.parent != nullptr) settle_parent(task, {});
}

void TaskLedger::abandon(Task& task, std::string_view how, const Instant& at) noexcept {
  const std::string words = in_words([&] { return abandoned_words(task.record, how); });
  apply(task, TaskEvent::abandoned, words, at);
}

void TaskLedger::fail(Task& task, std::string error, const Instant& at) noexcept {
  task.record.error = std::move(error);
  apply(task, TaskEvent::failed, {}, at);
}

TaskRecord TaskLedger::complete(Task& task, Completion completion, const Instant& at) {
  const bool names_holder = task.record.worker.empty() && !completion.worker.empty();
  TaskRecord completed = task.record;
  if (names_holder) completed.worker = completion.worker;
  std::string worker;  // of the split task of which this is the last tile
  if (task.parent != nullptr) worker = completed.worker;
  // Nothing throws beyond this line.
  if (names_holder) {
    task.record.worker = std::move(completion.worker);
    apply(task, TaskEvent::named, {}, at);
  }
  task.record.product = completion.product;
  task.record.away = completion.away;
  task.record.finished_at = at;
  take(task, TaskEvent::completed,
       *transition(task.record.life, TaskEvent::completed, options_.limits));
  completed.life = task.record.life;
  completed.operands = {};
  completed.product = task.record.product;
  completed.away = task.record.away;
  completed.finished_at = at;
  if (task.parent != nullptr) settle_parent(task, std::move(worker));
  return completed;
}

/// Writes a transition down, does what it asks for, and tells those who watch.
void TaskLedger::take(Task& task, TaskEvent event, const Transition& next) noexcept {
  const TaskState before = task.record.state();
  const Effects& effects = next.effects;
  task.record.life = next.after;
  if (effects.leave_queue) task.queue_node = queue_.extract(task.record.id);
  if (effects.begin_lease) held_.splice(held_.end(), task.place, task.self);
  if (effects.end_lease) task.place.splice(task.place.begin(), held_, task.self);
  if (effects.enter_queue) queue_.insert(std::move(task.queue_node));
  if (effects.finish && task.parent == nullptr) return finish(task, event, before);
  if (effects.finish) task.record.operands = {};
  tell(event, before, task);
}

/// The split task after something has happened to its tile; `worker` computed that, if it did.
void TaskLedger::settle_parent(const Task& tile, std::string worker) noexcept {
  Task& parent = *tile.parent;
  const TaskState before = parent.record.state();
  const SplitLife after = after_tile({before, parent.tiles->missing}, tile.record.state());
  parent.record.life.state = after.state;
  parent.tiles->missing = after.missing;
  if (is_finished(before) || !is_finished(after.state)) return;
  parent.record.claimed_at = tile.record.claimed_at;
  parent.record.finished_at = tile.record.finished_at;
  if (after.state == TaskState::completed) {
    parent.record.worker = std::move(worker);
    parent.record.away = tile.record.away;
    parent.record.product = parent.tiles->product;
    return finish(parent, TaskEvent::completed, before);
  }
  parent.record.error =
      in_words([&] { return tile_failed_words(tile.record, parent.record.tiles); });
  payloads_.drop(parent.tiles->product);
  withdraw_tiles(parent);
  finish(parent, TaskEvent::failed, before);
}

/// Takes the tiles that are not finished from the queue and from the workers that hold them.
void TaskLedger::withdraw_tiles(Task& parent) noexcept {
  for (Task* tile : parent.tiles->all) {
    const auto next = transition(tile->record.life, TaskEvent::withdrawn, options_.limits);
    if (!next) continue;
    tile->record.withdrawn = true;
    take(*tile, TaskEvent::withdrawn, *next);
  }
}

/// A task as it was submitted is completed or failed.
void TaskLedger::finish(Task& task, TaskEvent event, TaskState before) noexcept {
  if (task.record.state() == TaskState::completed) ++completed_;
  payloads_.drop(task.record.operands);
  task.record.operands = {};
  unfinished_bytes_ -= task.bytes;
  stored_bytes_ -= task.bytes;
  task.bytes =
      kRecordBytes * (1 + task.record.tiles) + task.record.error.size() + task.record.product.bytes;
  stored_bytes_ += task.bytes;
  finished_.splice(finished_.end(), task.place, task.self);
  tell(event, before, task);
  forget_finished();
}

void TaskLedger::tell(TaskEvent event, TaskState before, const Task& task) noexcept {
  for (TaskObserver* observer : observers_) observer->changed({event, before, task.record});
}

void TaskLedger::forget_finished() noexcept {
  while (finished_.size() > 1 &&
         stored_bytes_ + payloads_.lingering_bytes() > options_.max_stored_bytes) {
    Task& oldest = *finished_.front();
    oldest.place.splice(oldest.place.begin(), finished_, oldest.self);
    stored_bytes_ -= oldest.bytes;
    payloads_.drop(oldest.record.product);
    for (TaskObserver* observer : observers_) observer->forgotten(oldest.record);
    const TaskId id = oldest.record.id;
    // A tile's number is its task's and how many tiles come before it.
    for (TaskId tile = id + oldest.record.tiles; tile > id; --tile) tasks_.erase(tile);
    tasks_.erase(id);
  }
}

void TaskLedger::expire_leases(const Instant& at) noexcept {
  while (!held_.empty() && has_run_out(held_.front()->record.claimed_at, options_.lease, at)) {
    Task& task = *held_.front();
    const std::string words = in_words([&] { return expired_words(task.record, options_.lease); });
    apply(task, TaskEvent::expired, words, at);
  }
}

std::optional<Instant> TaskLedger::next_expiry() const noexcept {
  if (held_.empty()) return std::nullopt;
  const Instant& claimed_at = held_.front()->record.claimed_at;
  return Instant{claimed_at.clock, claimed_at.reading + options_.lease};
}

}  // namespace enxame::coordinator
