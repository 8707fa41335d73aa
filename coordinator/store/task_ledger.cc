#include "coordinator/store/task_ledger.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

#include "coordinator/store/make_room.h"

namespace enxame::coordinator {

namespace {

// Of what a history keeps of words that came from outside.
constexpr std::size_t kMostNotedBytes = 200;

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
    : options_(options),
      payloads_(payloads),
      turns_(options),
      held_(options),
      room_(options, payloads),
      next_id_(options.first_id),
      next_lease_(options.first_lease) {}

Submitted TaskLedger::add(const NewTask& added, const Instant& at) {
  if (added.key) {
    if (const auto known = keys_.find(*added.key)) return {*known, false};
  }
  room_.check(unfinished_bytes(added));
  if (next_id_ >= kEndOfTaskIds - Split::kMaxTiles) throw StoreFull("there are no more task ids");
  turns_.check(std::max<std::size_t>(1, added.tiles));
  LedgerTasks tasks = make_tasks(added, next_id_, at);
  Task& task = tasks.at(next_id_);
  take_in(std::move(tasks), added, task);
  // Nothing throws any more.
  next_id_ += 1 + added.tiles;
  ++total_;
  forget_finished();
  enter_queue(task);
  for (TaskObserver* observer : observers_) observer->submitted(task.record);
  return {task.record.id};
}

void TaskLedger::restore(const NewTask& added, const Restored& restored, const Instant& at) {
  for (TaskId id = restored.id; id <= restored.id + added.tiles; ++id) {
    if (tasks_.contains(id)) throw std::invalid_argument(task_name(id) + " is there already");
  }
  LedgerTasks tasks = make_tasks(added, restored.id, at);
  Task& task = tasks.at(restored.id);
  TaskRecord& record = task.record;
  record.life = restored.life;
  record.error = restored.error;
  record.worker = restored.worker;
  record.product = restored.product;
  record.claimed_at = record.finished_at = at;
  take_in(std::move(tasks), added, task);
  // Nothing throws any more.
  ++total_;
  if (!is_finished(record.state())) return enter_queue(task);
  if (task.tiles) {
    for (Task* tile : task.tiles->all) {
      tile->record.life.state = TaskState::failed;
      tile->record.finished_at = at;
    }
  }
  close_books(task);
  forget_finished();
}

/// Takes `tasks`, `task` as it was submitted and its tiles, into the books, its key, and the line
/// of its client. Throws std::bad_alloc, before anything has changed.
void TaskLedger::take_in(LedgerTasks tasks, const NewTask& added, Task& task) {
  auto key = KnownKeys::key_of(added, task);
  auto line = ClientTurns::line_for(added.client);
  make_room(tasks_, tasks.size());
  keys_.make_room();
  turns_.make_room();
  // Nothing throws beyond this line.
  ClientLine& own = turns_.join(std::move(line));
  for (auto& [id, each] : tasks) each.line = &own;
  tasks_.merge(tasks);
  keys_.add(std::move(key));
  task.whole_bytes = unfinished_bytes(added);
  room_.begin(task);
}

/// A task as it was submitted, or its tiles.
void TaskLedger::enter_queue(Task& task) noexcept {
  if (!task.tiles) return turns_.enter(task);
  for (Task* tile : task.tiles->all) turns_.enter(*tile);
}

TaskLedger::Task& TaskLedger::find(TaskId id) {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) refuse_unknown(id);
  return found->second;
}

const TaskRecord& TaskLedger::record(TaskId id) const {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) refuse_unknown(id);
  return found->second.record;
}

void TaskLedger::refuse_unknown(TaskId id) const {
  if (id >= options_.oldest_id.value_or(options_.first_id) && id < next_id_) {
    throw ForgottenTask(forgotten_words(id));
  }
  throw UnknownTask("there is no " + task_name(id));
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
          .queued = turns_.waiting(),
          .stored_bytes = room_.taken()};
}

Claim TaskLedger::hand_out(Asker& asker, const Instant& at) noexcept {
  Task& task = turns_.next();
  task.record.worker = std::move(asker.worker);
  task.record.fence = asker.fence;
  task.record.claimed_at = claimed_at(task.record.accepted_at, at);
  task.record.lease_from = task.record.claimed_at;
  task.record.lease = next_lease_++;
  apply(task, TaskEvent::claimed, {}, at);
  return claim_of(task.record);
}

void TaskLedger::apply(Task& task, TaskEvent event, std::string_view reason,
                       const Instant& at) noexcept {
  const auto next = transition(task.record.life, event, options_.limits);
  if (!next) return;
  if (next->effects.end_lease) note_end(task, event, reason, at);
  if (next->effects.exhausted) {
    task.record.error = in_words([&] { return exhausted_words(next->after.attempts, reason); });
  }
  if (next->effects.finish) task.record.finished_at = at;
  take(task, event, *next);
  if (task.parent != nullptr) settle_parent(task, {}, at);
}

/// The claim under which a task is held ends without a product.
void TaskLedger::note_end(Task& task, TaskEvent how, std::string_view reason,
                          const Instant& at) noexcept {
  TaskRecord& record = task.record;
  const std::size_t before = record.history.bytes();
  try {
    record.history.add(EndedClaim{record.worker, record.lease, record.claimed_at, at, how,
                                  std::string(reason.substr(0, kMostNotedBytes))});
  } catch (const std::bad_alloc&) {
    record.history.leave_out();
  }
  room_.resize(task.parent == nullptr ? task : *task.parent, before, record.history.bytes());
}

void TaskLedger::abandon(Task& task, std::string_view how, const Instant& at) noexcept {
  const std::string words = in_words([&] { return abandoned_words(task.record, how); });
  apply(task, TaskEvent::abandoned, words, at);
}

void TaskLedger::fail(Task& task, std::string error, const Instant& at) noexcept {
  task.record.error = std::move(error);
  apply(task, TaskEvent::failed, task.record.error, at);
}

void TaskLedger::renew(Task& task, const Instant& at) noexcept {
  task.record.lease_from = at;
  held_.renew(task);
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
  set_product(task, TaskEvent::completed, completion, at);
  note_completion(completed, task.record);
  if (task.parent != nullptr) settle_parent(task, std::move(worker), at);
  return completed;
}

TaskRecord TaskLedger::complete_late(Task& task, const Claim& claim, const Completion& completion,
                                     const Instant& at) {
  TaskRecord completed = task.record;
  const EndedClaim ended = *task.record.history.find(claim.lease);
  completed.worker = ended.worker.empty() ? completion.worker : ended.worker;
  completed.lease = ended.lease;
  completed.claimed_at = ended.claimed_at;
  std::string own_worker = completed.worker;
  std::string worker = completed.worker;
  // Nothing throws beyond this line.
  apply(task, TaskEvent::revoked, kRevokedWords, at);
  task.record.worker = std::move(own_worker);
  task.record.lease = ended.lease;
  task.record.claimed_at = ended.claimed_at;
  set_product(task, TaskEvent::accepted_late, completion, at);
  note_completion(completed, task.record);
  if (task.parent != nullptr) settle_parent(task, std::move(worker), at);
  return completed;
}

/// It is completed by `event`, which does happen to it.
void TaskLedger::set_product(Task& task, TaskEvent event, const Completion& completion,
                             const Instant& at) noexcept {
  task.record.product = completion.product;
  task.record.away = completion.away;
  task.record.finished_at = at;
  take(task, event, *transition(task.record.life, event, options_.limits));
}

TaskRecord TaskLedger::cancel(Task& task, const Instant& at) {
  TaskRecord cancelled = task.record;
  cancelled.error = kCancelledWords;
  std::string words = cancelled.error;
  // Nothing throws beyond this line.
  task.record.error = std::move(words);
  if (task.tiles) {
    const TaskState before = task.record.state();
    task.record.life.state = TaskState::cancelled;
    task.record.finished_at = at;
    withdraw_tiles(task, at);
    payloads_.drop(task.tiles->product);
    finish(task, TaskEvent::cancelled, before);
  } else {
    apply(task, TaskEvent::cancelled, kCancelledWords, at);
  }
  cancelled.life = task.record.life;
  cancelled.finished_at = at;
  cancelled.operands = {};
  return cancelled;
}

TaskRecord TaskLedger::retry(Task& task) {
  room_.check(task.whole_bytes);
  turns_.check(task.tiles ? task.tiles->missing : 1);
  TaskRecord retried = task.record;
  // Nothing throws beyond this line.
  const TaskState before = task.record.state();
  room_.begin(task);
  task.record.error.clear();
  if (task.tiles) {
    task.place.splice(task.place.begin(), finished_, task.self);
    reopen_tiles(task);
    task.record.life.state = reopened(task.tiles->missing, task.record.tiles).state;
    tell(TaskEvent::retried, before, task);
  } else {
    take(task, TaskEvent::retried,
         *transition(task.record.life, TaskEvent::retried, options_.limits));
  }
  forget_finished();
  retried.life = task.record.life;
  retried.error.clear();
  return retried;
}

/// Puts the tiles that have no product back into the queue.
void TaskLedger::reopen_tiles(Task& parent) noexcept {
  for (Task* tile : parent.tiles->all) {
    const auto next = transition(tile->record.life, TaskEvent::retried, options_.limits);
    if (!next) continue;
    tile->record.operands = parent.record.operands;
    tile->record.operands.tile = tile->record.tile;
    tile->record.withdrawn = false;
    tile->record.error.clear();
    take(*tile, TaskEvent::retried, *next);
  }
}

/// Writes a transition down, does what it asks for, and tells those who watch.
void TaskLedger::take(Task& task, TaskEvent event, const Transition& next) noexcept {
  const TaskState before = task.record.state();
  const Effects& effects = next.effects;
  task.record.life = next.after;
  if (effects.leave_queue) turns_.remove(task);
  if (effects.begin_lease) held_.add(task);
  if (effects.end_lease) held_.remove(task);
  if (effects.reopen && task.parent == nullptr) {
    task.place.splice(task.place.begin(), finished_, task.self);
  }
  if (effects.enter_queue) turns_.enter(task);
  if (effects.finish && task.parent == nullptr) return finish(task, event, before);
  if (effects.finish) task.record.operands = {};
  tell(event, before, task);
}

/// The split task after something has happened to its tile; `worker` computed that, if it did.
void TaskLedger::settle_parent(const Task& tile, std::string worker, const Instant& at) noexcept {
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
  withdraw_tiles(parent, at);
  finish(parent, TaskEvent::failed, before);
}

/// Takes the tiles that are not finished from the queue and from the workers that hold them.
void TaskLedger::withdraw_tiles(Task& parent, const Instant& at) noexcept {
  for (Task* tile : parent.tiles->all) {
    const auto next = transition(tile->record.life, TaskEvent::withdrawn, options_.limits);
    if (!next) continue;
    if (next->effects.end_lease) note_end(*tile, TaskEvent::withdrawn, kWithdrawnWords, at);
    tile->record.withdrawn = true;
    tile->record.finished_at = at;
    take(*tile, TaskEvent::withdrawn, *next);
  }
}

/// A task as it was submitted is completed, failed or cancelled.
void TaskLedger::finish(Task& task, TaskEvent event, TaskState before) noexcept {
  close_books(task);
  tell(event, before, task);
  forget_finished();
}

/// Lets go of what a finished task needs no more.
void TaskLedger::close_books(Task& task) noexcept {
  TaskRecord& record = task.record;
  if (record.state() == TaskState::completed) ++completed_;
  if (record.state() != TaskState::failed) {  // one that has failed may be tried again
    payloads_.drop(record.operands);
    record.operands = {};
  }
  room_.finish(task);
  finished_.splice(finished_.end(), task.place, task.self);
}

void TaskLedger::tell(TaskEvent event, TaskState before, const Task& task) noexcept {
  for (TaskObserver* observer : observers_) observer->changed({event, before, task.record});
}

void TaskLedger::forget_finished() noexcept {
  while (finished_.size() > 1 && room_.is_exceeded()) {
    forget(*finished_.front());
  }
}

void TaskLedger::forget(Task& task) noexcept {
  task.place.splice(task.place.begin(), finished_, task.self);
  room_.forget(task);
  payloads_.drop(task.record.operands);
  payloads_.drop(task.tiles ? task.tiles->product : task.record.product);
  for (TaskObserver* observer : observers_) observer->forgotten(task.record);
  keys_.remove(task);
  turns_.leave(*task.line);
  const TaskId id = task.record.id;
  // A tile's number is its task's and how many tiles come before it.
  for (TaskId tile = id + task.record.tiles; tile > id; --tile) tasks_.erase(tile);
  tasks_.erase(id);
}

void TaskLedger::expire_leases(const Instant& at) noexcept {
  while (Task* const task = held_.expired(at)) {
    const std::string words =
        in_words([&] { return expired_words(task->record, held_.lease_of(task->record.fence)); });
    apply(*task, TaskEvent::expired, words, at);
  }
}

}  // namespace enxame::coordinator
