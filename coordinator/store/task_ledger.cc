#include "coordinator/store/task_ledger.h"

#include <algorithm>
#include <new>
#include <utility>

#include "json/utf8.h"

namespace enxame::coordinator {

namespace {

// What a task takes besides its matrices: the record, its places in the lists, what holds its
// payloads, and what allocation adds.
constexpr std::size_t kRecordBytes = 1024;

// What a key takes besides its characters.
constexpr std::size_t kKeyBytes = 128;

// Of what a history keeps, and a message quotes, of words that came from outside.
constexpr std::size_t kMostNotedBytes = 200;
constexpr std::size_t kMostQuotedBytes = 100;
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

/// Room for `more`, after which insertions do not rehash. Doubled: a reservation to the element
/// would rehash all of them each time.
template <typename Map>
void make_room(Map& map, std::size_t more) {
  const std::size_t needed = map.size() + more;
  if (static_cast<float>(needed) > map.max_load_factor() * static_cast<float>(map.bucket_count())) {
    map.reserve(2 * needed);
  }
}

/// Writes what completed a task into a copy from before.
void note_completion(TaskRecord& copy, const TaskRecord& task) noexcept {
  copy.life = task.life;
  copy.operands = {};
  copy.product = task.product;
  copy.away = task.away;
  copy.finished_at = task.finished_at;
}

}  // namespace

TaskLedger::TaskLedger(const StoreOptions& options, PayloadStore& payloads)
    : options_(options), payloads_(payloads), next_id_(options.first_id) {}

TaskLedger::~TaskLedger() = default;

Submitted TaskLedger::add(const NewTask& added, const Instant& at) {
  if (added.key) {
    if (const auto known = find_key(*added.key)) return {*known, false};
  }
  const std::size_t bytes = bytes_of(added);
  check_room(bytes);
  check_queue(std::max<std::size_t>(1, added.tiles));
  Tasks tasks = make_tasks(added, next_id_, at);
  Task& task = tasks.at(next_id_);
  Keys keys;
  if (added.key) keys.emplace(added.key->name, Keyed{&task, added.key->fingerprint});
  take_in(std::move(tasks), std::move(keys), make_line(added.client), task, bytes);
  // Nothing throws any more.
  next_id_ += 1 + added.tiles;
  ++total_;
  forget_finished();
  enter_queue(task);
  for (TaskObserver* observer : observers_) observer->submitted(task.record);
  return {task.record.id};
}

void TaskLedger::restore(const NewTask& added, const Restored& restored, const Instant& at) {
  Tasks tasks = make_tasks(added, restored.id, at);
  Task& task = tasks.at(restored.id);
  Keys keys;
  if (added.key) keys.emplace(added.key->name, Keyed{&task, added.key->fingerprint});
  TaskRecord& record = task.record;
  record.life = restored.life;
  record.error = restored.error;
  record.worker = restored.worker;
  record.product = restored.product;
  record.claimed_at = record.finished_at = at;
  take_in(std::move(tasks), std::move(keys), make_line(added.client), task, bytes_of(added));
  // Nothing throws any more.
  ++total_;
  if (!is_finished(record.state())) return enter_queue(task);
  if (task.tiles) {
    for (Task* tile : task.tiles->all) tile->record.life.state = TaskState::failed;
  }
  close_books(task);
  forget_finished();
}

/// What a task takes as long as it is not finished.
std::size_t TaskLedger::bytes_of(const NewTask& added) {
  return added.operands.bytes + added.product_bytes + kRecordBytes * (1 + added.tiles) +
         (added.key ? kKeyBytes + added.key->name.size() : 0) + added.client.size();
}

/// A line for a client that may have one already.
TaskLedger::Lines TaskLedger::make_line(const std::string& client) {
  Lines lines;
  Line& line = lines[client];
  line.place.push_back(&line);
  line.self = line.place.begin();
  return lines;
}

/// The task that was submitted under that key.
std::optional<TaskId> TaskLedger::find_key(const SubmissionKey& key) const {
  const auto found = keys_.find(key.name);
  if (found == keys_.end()) return std::nullopt;
  const TaskId id = found->second.task->record.id;
  if (found->second.fingerprint == key.fingerprint) return id;
  throw KeyReused("something else was submitted under the key \"" +
                  json::quotable(key.name, kMostQuotedBytes) + "\" (" + task_name(id) + ")");
}

/// A task and its tiles.
TaskLedger::Tasks TaskLedger::make_tasks(const NewTask& added, TaskId id, const Instant& at) {
  Tasks tasks;
  Task& task = make_task(tasks, id, added.operands, at);
  task.record.client = added.client;
  if (added.tiles == 0) return tasks;
  task.record.tiles = added.tiles;
  task.tiles = Task::Tiles{added.product, {}, added.tiles};
  task.tiles->all.reserve(added.tiles);
  for (std::size_t i = 0; i < added.tiles; ++i) {
    PayloadRef part = added.operands;
    part.tile = i;
    Task& tile = make_task(tasks, id + 1 + i, part, at);
    tile.parent = &task;
    tile.record.parent = id;
    tile.record.tile = i;
    tile.record.client = added.client;
    task.tiles->all.push_back(&tile);
  }
  return tasks;
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

void TaskLedger::check_queue(std::size_t more) const {
  if (queued_ + more <= options_.max_queued) return;
  throw QueueFull(std::to_string(queued_) + " tasks wait for a worker, at most " +
                  std::to_string(options_.max_queued) + " may");
}

/// Takes `tasks`, one as it was submitted and its tiles, into the books, its key, and the line of
/// its client, unless that has one.
void TaskLedger::take_in(Tasks tasks, Keys keys, Lines line, Task& task, std::size_t bytes) {
  make_room(tasks_, tasks.size());
  make_room(keys_, keys.size());
  make_room(lines_, 1);
  // Nothing throws beyond this line.
  const auto own = lines_.insert(line.extract(line.begin())).position;
  own->second.client = &own->first;
  ++own->second.tasks;
  for (auto& [id, each] : tasks) each.line = &own->second;
  tasks_.merge(tasks);
  if (!keys.empty()) {
    const auto kept = keys_.insert(keys.extract(keys.begin())).position;
    task.key = &kept->first;
  }
  task.bytes = task.whole_bytes = bytes;
  stored_bytes_ += bytes;
  unfinished_bytes_ += bytes;
}

/// A task as it was submitted, or its tiles.
void TaskLedger::enter_queue(Task& task) noexcept {
  if (!task.tiles) return enter_line(task);
  for (Task* tile : task.tiles->all) enter_line(*tile);
}

void TaskLedger::enter_line(Task& task) noexcept {
  Line& line = *task.line;
  if (line.queue.empty()) turns_.splice(turns_.end(), line.place, line.self);
  line.queue.insert(std::move(task.queue_node));
  ++queued_;
}

void TaskLedger::leave_line(Task& task) noexcept {
  Line& line = *task.line;
  task.queue_node = line.queue.extract(task.record.id);
  if (line.queue.empty()) line.place.splice(line.place.begin(), turns_, line.self);
  --queued_;
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
  if (id >= options_.first_id && id < next_id_) {
    throw ForgottenTask(task_name(id) + " was finished and has been forgotten since");
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
          .active = held_[0].size() + held_[1].size(),
          .queued = queued_,
          .stored_bytes = stored_bytes_ + payloads_.lingering_bytes()};
}

Claim TaskLedger::hand_out(Asker& asker, const Instant& at) noexcept {
  Line& line = *turns_.front();
  turns_.splice(turns_.end(), turns_, line.self);  // the others come first now
  Task& task = *line.queue.begin()->second;
  task.record.worker = std::move(asker.worker);
  task.record.fence = asker.fence;
  task.record.claimed_at = claimed_at(task.record.accepted_at, at);
  task.record.lease_from = task.record.claimed_at;
  task.record.lease = ++last_lease_;
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
  try {
    record.history.add(EndedClaim{record.worker, record.lease, record.claimed_at, at, how,
                                  std::string(reason.substr(0, kMostNotedBytes))});
  } catch (const std::bad_alloc&) {
    record.history.leave_out();
  }
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
  Place& held = held_by(task.record.fence);
  held.splice(held.end(), held, task.self);
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

TaskRecord TaskLedger::complete_late(Task& task, const Claim& claim, Completion completion,
                                     const Instant& at) {
  TaskRecord completed = task.record;
  const EndedClaim ended = *task.record.history.find(claim.lease);
  completed.worker = ended.worker.empty() ? std::move(completion.worker) : ended.worker;
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
  check_room(task.whole_bytes);
  check_queue(task.tiles ? task.tiles->missing : 1);
  TaskRecord retried = task.record;
  // Nothing throws beyond this line.
  const TaskState before = task.record.state();
  stored_bytes_ += task.whole_bytes - task.bytes;
  unfinished_bytes_ += task.whole_bytes;
  task.bytes = task.whole_bytes;
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
  Place& held = held_by(task.record.fence);
  if (effects.leave_queue) leave_line(task);
  if (effects.begin_lease) held.splice(held.end(), task.place, task.self);
  if (effects.end_lease) task.place.splice(task.place.begin(), held, task.self);
  if (effects.reopen && task.parent == nullptr) {
    task.place.splice(task.place.begin(), finished_, task.self);
  }
  if (effects.enter_queue) enter_line(task);
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
  const bool has_failed = record.state() == TaskState::failed;
  if (record.state() == TaskState::completed) ++completed_;
  if (!has_failed) {  // one that has may be tried again
    payloads_.drop(record.operands);
    record.operands = {};
  }
  unfinished_bytes_ -= task.bytes;
  stored_bytes_ -= task.bytes;
  task.bytes = kRecordBytes * (1 + record.tiles) + record.error.size() + record.history.bytes() +
               record.operands.bytes + record.product.bytes;
  if (task.key != nullptr) task.bytes += kKeyBytes + task.key->size();
  if (has_failed && task.tiles) task.bytes += task.tiles->product.bytes;
  stored_bytes_ += task.bytes;
  finished_.splice(finished_.end(), task.place, task.self);
}

void TaskLedger::tell(TaskEvent event, TaskState before, const Task& task) noexcept {
  for (TaskObserver* observer : observers_) observer->changed({event, before, task.record});
}

void TaskLedger::forget_finished() noexcept {
  while (finished_.size() > 1 &&
         stored_bytes_ + payloads_.lingering_bytes() > options_.max_stored_bytes) {
    forget(*finished_.front());
  }
}

void TaskLedger::forget(Task& task) noexcept {
  task.place.splice(task.place.begin(), finished_, task.self);
  stored_bytes_ -= task.bytes;
  payloads_.drop(task.record.operands);
  payloads_.drop(task.tiles ? task.tiles->product : task.record.product);
  for (TaskObserver* observer : observers_) observer->forgotten(task.record);
  if (task.key != nullptr) keys_.erase(keys_.find(*task.key));
  if (--task.line->tasks == 0) lines_.erase(lines_.find(*task.line->client));
  const TaskId id = task.record.id;
  // A tile's number is its task's and how many tiles come before it.
  for (TaskId tile = id + task.record.tiles; tile > id; --tile) tasks_.erase(tile);
  tasks_.erase(id);
}

/// How long a claim lasts that is not renewed.
std::chrono::milliseconds TaskLedger::lease_of(Fence fence) const noexcept {
  return fence == Fence::lease ? options_.lease : options_.hold;
}

void TaskLedger::expire_leases(const Instant& at) noexcept {
  for (const Fence fence : {Fence::none, Fence::lease}) {
    const Duration lease = lease_of(fence);
    Place& held = held_by(fence);
    while (!held.empty() && has_run_out(held.front()->record.lease_from, lease, at)) {
      Task& task = *held.front();
      const std::string words = in_words([&] { return expired_words(task.record, lease); });
      apply(task, TaskEvent::expired, words, at);
    }
  }
}

std::optional<Instant> TaskLedger::next_expiry() const noexcept {
  std::optional<Instant> next;
  for (const Fence fence : {Fence::none, Fence::lease}) {
    const Place& held = held_[static_cast<std::size_t>(fence)];
    if (held.empty()) continue;
    const Instant& from = held.front()->record.lease_from;
    const Instant ends{from.clock, from.reading + lease_of(fence)};
    if (!next || ends.reading < next->reading) next = ends;
  }
  return next;
}

}  // namespace enxame::coordinator
