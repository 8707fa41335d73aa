#include "coordinator/journal/journal.h"

#include <algorithm>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <utility>

#include "coordinator/journal/writer.h"
#include "coordinator/store/task_store.h"
#include "matmul/codec/text_codec.h"

namespace enxame::coordinator {

namespace {

constexpr std::chrono::seconds kRetry{1};

/// What a row of the database has besides operands or a product, at most.
constexpr std::size_t kMostBytesBeside = 64 << 10;

std::string prepared(const std::string& folder) {
  std::error_code error;
  const bool is_new = std::filesystem::create_directories(folder, error);
  if (is_new) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (!error) return folder;
  throw std::runtime_error("cannot make the journal's folder " + folder + ": " + error.message());
}

}  // namespace

std::string_view to_string(JournalSync sync) {
  return sync == JournalSync::full ? "full" : "normal";
}

Journal::Journal(JournalOptions options, const PayloadStore& payloads)
    : options_(std::move(options)),
      payloads_(payloads),
      writer_(std::make_unique<Writer>(prepared(options_.folder), options_.sync)),
      oldest_id_(writer_->oldest_id()),
      first_free_id_(writer_->first_free_id()),
      thread_([this] { write_on(); }) {}

Journal::~Journal() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  appended_.notify_all();
  thread_.join();
}

void Journal::restore(const std::function<void(RestoredTask)>& take) {
  const std::lock_guard lock(writing_);  // what is forgotten meanwhile is written afterwards
  writer_->restore(take);
}

void Journal::restore_workers(const std::function<void(const RestoredWorker&)>& take) {
  const std::lock_guard lock(writing_);
  writer_->restore_workers(take);
}

void Journal::announce(const PayloadRef& operands, Submission submission) {
  check_fits(*submission.operands);
  Entries one;
  one.emplace_back(Entry::Kind::submitted, TaskId{0});
  one.back().submission = std::move(submission);
  const std::lock_guard lock(mutex_);
  announced_.emplace(operands.key, std::move(one));
}

/// Throws TaskTooLarge where the database could not take the operands, or the product as text.
void Journal::check_fits(const Operands& operands) const {
  const std::size_t needed =
      std::max(operands.wire.size(), most_text_bytes(operands.product)) + kMostBytesBeside;
  if (needed <= writer_->most_bytes()) return;
  throw TaskTooLarge("the task may take " + std::to_string(needed) +
                     " bytes in the journal, which keeps at most " +
                     std::to_string(writer_->most_bytes()) + " of one (--journal)");
}

void Journal::withdraw(const PayloadRef& operands) noexcept {
  const std::lock_guard lock(mutex_);
  announced_.erase(operands.key);
}

void Journal::check_accepts() const {
  const std::lock_guard lock(mutex_);
  if (is_broken_) throw StoreUnavailable("the journal is incomplete for want of memory: restart");
  if (!trouble_.empty()) throw StoreUnavailable("the journal cannot be written: " + trouble_);
}

/// The number of the last entry of that task that is not written; 0 where all are.
std::uint64_t Journal::last_entry_of(TaskId id) const {
  std::uint64_t number = last_;
  for (const Entries* entries : {&entries_, &in_hand_}) {
    for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry, --number) {
      if (entry->id == id) return number;
    }
  }
  return 0;
}

void Journal::settle(TaskId id) {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = last_entry_of(id);
  const bool is_written = written_.wait_for(lock, options_.patience,
                                            [&] { return is_broken_ || last_written_ >= wanted; });
  if (is_broken_) throw StoreUnavailable("the journal is incomplete for want of memory: restart");
  if (is_written) return;
  throw StoreUnavailable("the journal is not written after " +
                         std::to_string(options_.patience.count()) + " ms" +
                         (trouble_.empty() ? "" : ": " + trouble_));
}

void Journal::submitted(const TaskRecord& task) noexcept {
  Entries one;
  {
    const std::lock_guard lock(mutex_);
    const auto found = announced_.find(task.operands.key);
    if (found == announced_.end()) return;  // restored: it is written down
    one = std::move(found->second);
    announced_.erase(found);
  }
  one.front().id = task.id;
  push(one);
}

void Journal::changed(const TaskChange& change) noexcept {
  const TaskRecord& task = change.task;
  // A split task is done whole again, and one that a worker has is done again by another.
  const bool is_held = task.state() == TaskState::processing;
  if (task.is_tile() || (is_held && change.event != TaskEvent::retried)) return;
  Entry entry(Entry::Kind::changed, task.id);
  entry.life = task.life;
  if (is_held) entry.life.state = TaskState::pending;
  try {
    switch (task.state()) {
      case TaskState::completed:
        entry.product = payloads_.product(task.product);
        entry.worker = task.worker;
        break;
      case TaskState::failed:
      case TaskState::cancelled:
        entry.error = task.error;
        break;
      case TaskState::pending:
      case TaskState::processing:
        break;
    }
  } catch (const std::bad_alloc&) {
    const std::lock_guard lock(mutex_);
    is_broken_ = true;
    return;
  }
  append(std::move(entry));
}

void Journal::forgotten(const TaskRecord& task) noexcept {
  append(Entry(Entry::Kind::forgotten, task.id));
}

void Journal::admit(const RestoredWorker& worker) noexcept {
  Entry entry(Entry::Kind::admitted, TaskId{0});
  try {
    entry.admitted = worker;
  } catch (const std::bad_alloc&) {
    const std::lock_guard lock(mutex_);
    is_broken_ = true;
    return;
  }
  append(std::move(entry));
}

void Journal::append(Entry entry) noexcept {
  try {
    Entries one;
    one.push_back(std::move(entry));
    push(one);
  } catch (const std::bad_alloc&) {
    const std::lock_guard lock(mutex_);
    is_broken_ = true;
  }
}

void Journal::push(Entries& one) noexcept {
  {
    const std::lock_guard lock(mutex_);
    entries_.splice(entries_.end(), one);
    ++last_;
  }
  appended_.notify_one();
}

Written Journal::written() const {
  const std::lock_guard lock(mutex_);
  return {transactions_, last_written_, last_ - last_written_};
}

/// The thread: writes what there is, all of it at once, until it is told to stop and there is
/// nothing left that can be written.
void Journal::write_on() {
  std::unique_lock lock(mutex_);
  for (;;) {
    appended_.wait(lock, [this] { return stopping_ || !entries_.empty(); });
    if (entries_.empty()) return;
    in_hand_ = std::exchange(entries_, {});
    lock.unlock();
    const bool is_written = write(in_hand_);  // nobody changes it meanwhile
    lock.lock();
    if (is_written) {
      last_written_ += in_hand_.size();
      ++transactions_;
      in_hand_.clear();
      written_.notify_all();
      continue;
    }
    entries_.splice(entries_.begin(), in_hand_);
    if (stopping_) return;
    appended_.wait_for(lock, kRetry, [this] { return stopping_; });
  }
}

/// Returns whether it is written; otherwise why not is known, and was told.
bool Journal::write(const Entries& entries) {
  std::string trouble;
  try {
    const std::lock_guard lock(writing_);
    writer_->write(entries);
  } catch (const std::exception& error) {  // for want of memory, too
    trouble = error.what();
  }
  const std::lock_guard lock(mutex_);
  const bool was_in_trouble = !trouble_.empty();
  if (!trouble.empty() && !was_in_trouble) {
    options_.log("the journal cannot be written, so nothing new is taken: " + trouble);
  }
  if (trouble.empty() && was_in_trouble) options_.log("the journal is written again");
  trouble_ = std::move(trouble);
  return trouble_.empty();
}

}  // namespace enxame::coordinator
