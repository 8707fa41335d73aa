#include "coordinator/journal/journal.h"

#include <filesystem>
#include <new>
#include <stdexcept>
#include <utility>

#include "coordinator/journal/writer.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

namespace {

constexpr std::chrono::seconds kRetry{1};

std::string prepared(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
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

void Journal::announce(const PayloadRef& operands, Submission submission) {
  Entries one;
  one.emplace_back(Entry::Kind::submitted, TaskId{0});
  one.back().submission = std::move(submission);
  const std::lock_guard lock(mutex_);
  announced_.emplace(operands.key, std::move(one));
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

void Journal::settle() {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted = last_;
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
  if (task.is_tile() || task.state() == TaskState::processing) return;
  Entry entry(Entry::Kind::changed, task.id);
  entry.life = task.life;
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

Journal::Counts Journal::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

/// The thread: writes what there is, all of it at once, until it is told to stop and there is
/// nothing left that can be written.
void Journal::write_on() {
  std::unique_lock lock(mutex_);
  for (;;) {
    appended_.wait(lock, [this] { return stopping_ || !entries_.empty(); });
    if (entries_.empty()) return;
    Entries writing = std::exchange(entries_, {});
    lock.unlock();
    const bool is_written = write(writing);
    lock.lock();
    if (is_written) {
      last_written_ += writing.size();
      counts_.transactions += 1;
      counts_.entries += writing.size();
      written_.notify_all();
      continue;
    }
    entries_.splice(entries_.begin(), writing);
    if (stopping_) return;
    appended_.wait_for(lock, kRetry, [this] { return stopping_; });
  }
}

/// Returns whether it is written; otherwise why not is known, and was told.
bool Journal::write(Entries& entries) {
  std::string trouble;
  try {
    const std::lock_guard lock(writing_);
    writer_->write(entries);
  } catch (const DatabaseError& error) {
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
