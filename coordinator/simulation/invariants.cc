#include "coordinator/simulation/invariants.h"

#include <exception>

namespace enxame::coordinator::simulation {

namespace {

std::string in_words(const Instant& at) { return std::to_string(at.reading.count()) + " ns"; }

}  // namespace

void Invariants::submitted(const TaskRecord& task) noexcept {
  ++total_;
  ++unfinished_;
  const Known& whole =
      tasks_[task.id] = {.tiles = task.tiles, .missing = task.tiles, .client = task.client};
  if (!task.is_split()) add_pending(whole, task.id);
  for (TaskId tile = task.id + 1; tile <= task.id + task.tiles; ++tile) {
    const Known& part = tasks_[tile] = {.parent = task.id, .client = task.client};
    add_pending(part, tile);
  }
}

void Invariants::add_pending(const Known& known, TaskId id) {
  waiting_[known.client].tasks.insert(id);
  ++pending_;
}

void Invariants::remove_pending(const Known& known, TaskId id) {
  const auto waiting = waiting_.find(known.client);
  waiting->second.tasks.erase(id);
  if (waiting->second.tasks.empty()) waiting_.erase(waiting);
  --pending_;
}

void Invariants::changed(const TaskChange& change) noexcept {
  const auto found = tasks_.find(change.task.id);
  if (found == tasks_.end()) {
    return violated("counts", change.task, "something happens to a task that nobody submitted");
  }
  Known& known = found->second;
  try {
    if (change.before != known.state && !change.task.is_split()) {
      throw Violation("counts", "it was " + std::string(to_string(known.state)));
    }
    change.task.is_split() ? judge_split(change, known) : judge(change, known);
  } catch (const std::exception& error) {
    violated("", change.task, error.what());
  }
  note(change, known);
}

void Invariants::judge(const TaskChange& change, Known& known) {
  const TaskRecord& task = change.task;
  const bool is_retried = change.event == TaskEvent::retried;
  if (is_finished(known.state) && !(is_retried && known.state == TaskState::failed)) {
    throw Violation("ends-stay", "it was " + std::string(to_string(known.state)) + " and is " +
                                     std::string(to_string(change.event)));
  }
  switch (change.event) {
    case TaskEvent::claimed:
      return judge_claim(task, known);
    case TaskEvent::completed:
    case TaskEvent::failed:
    case TaskEvent::nacked:
    case TaskEvent::named:
      return judge_answer(change, known);
    case TaskEvent::accepted_late:
      if (deed_.task != task.id || !deed_.is_right) {
        throw Violation("stale-is-void", "a late product was taken that is not known to be right");
      }
      return;
    case TaskEvent::retried:
      known.claims = 0;
      known.free_returns = 0;
      return;
    case TaskEvent::undelivered:
      if (known.free_returns < limits_.free_returns) {
        ++known.free_returns;
        --known.claims;
      }
      return;
    case TaskEvent::unsent:
    case TaskEvent::revoked:
      --known.claims;
      return;
    case TaskEvent::abandoned:
    case TaskEvent::expired:
    case TaskEvent::withdrawn:
    case TaskEvent::cancelled:
      return;
  }
}

void Invariants::judge_claim(const TaskRecord& task, Known& known) {
  if (known.state != TaskState::pending) {
    throw Violation("one-holder",
                    "it is claimed while it is " + std::string(to_string(known.state)));
  }
  if (task.lease <= last_lease_) {
    throw Violation("one-holder", "its generation " + std::to_string(task.lease) + " is not new");
  }
  judge_turn(task, known);
  last_lease_ = known.lease = task.lease;
  ++claims_;
  if (++known.claims > limits_.attempts) {
    throw Violation("attempts-bounded", "it is claimed for the " + std::to_string(known.claims) +
                                            "th time of " + std::to_string(limits_.attempts));
  }
}

void Invariants::judge_turn(const TaskRecord& task, const Known& known) {
  const TaskId first = *waiting_.at(known.client).tasks.begin();
  if (first != task.id) throw Violation("first-come", "it is claimed before " + task_name(first));
  waiting_.at(known.client).passed_by.clear();
  for (auto& [client, other] : waiting_) {
    if (client == known.client) continue;
    if (++other.passed_by[known.client] > 1) {
      throw Violation("fair", known.client + " is served twice while " + client + " waits");
    }
  }
}

void Invariants::judge_answer(const TaskChange& change, const Known& known) const {
  if (deed_.task != change.task.id || deed_.lease != known.lease) {
    throw Violation("stale-is-void", "it is " + std::string(to_string(change.event)) +
                                         " under lease " + std::to_string(deed_.lease) + " of " +
                                         std::to_string(known.lease));
  }
  if (change.event == TaskEvent::completed && !deed_.is_right) {
    throw Violation("right-only", "it is completed with a wrong product");
  }
}

void Invariants::judge_split(const TaskChange& change, Known& known) {
  const TaskState after = change.task.state();
  if (is_finished(known.state) && change.event != TaskEvent::retried) {
    throw Violation("ends-stay",
                    "it is " + std::string(to_string(change.event)) + " after its end");
  }
  if (after == TaskState::completed && known.missing != 0) {
    throw Violation("whole-of-tiles",
                    "it is completed without " + std::to_string(known.missing) + " tiles");
  }
}

/// What there is after it.
void Invariants::note(const TaskChange& change, Known& known) {
  const TaskRecord& task = change.task;
  const TaskState before = known.state;
  const TaskState after = task.state();
  known.state = after;
  if (!task.is_tile()) {
    if (is_finished(after) && !is_finished(before)) --unfinished_;
    if (!is_finished(after) && is_finished(before)) ++unfinished_;
    if (after == TaskState::completed && before != TaskState::completed) ++completed_;
  }
  if (task.is_split()) return;
  ++events_[static_cast<std::size_t>(change.event)];
  if (before == TaskState::pending && after != before) remove_pending(known, task.id);
  if (after == TaskState::pending && after != before) add_pending(known, task.id);
  if (before == TaskState::processing && after != before) --held_;
  if (after == TaskState::processing && after != before) ++held_;
  if (task.is_tile() && after == TaskState::completed) --tasks_.at(task.parent).missing;
}

void Invariants::forgotten(const TaskRecord& task) noexcept {
  if (!is_finished(task.state())) violated("ends-stay", task, "it is forgotten before its end");
  for (TaskId id = task.id; id <= task.id + task.tiles; ++id) tasks_.erase(id);
}

void Invariants::violated(std::string_view invariant, const TaskRecord& task,
                          const std::string& what) {
  if (!violation_.empty()) return;
  violation_ = (invariant.empty() ? "" : std::string(invariant) + ": ") + what + " (" +
               task_name(task.id) + ")";
}

void Invariants::check(const TaskStore& store, const Instant& now) const {
  if (!violation_.empty()) throw Violation("after an event", violation_);
  const StoreStats stats = store.stats();
  const auto expect = [](std::string_view what, std::uint64_t found, std::uint64_t expected) {
    if (found == expected) return;
    throw Violation("counts", std::string(what) + " is " + std::to_string(found) + ", there are " +
                                  std::to_string(expected));
  };
  expect("total", stats.total, total_);
  expect("completed", stats.completed, completed_);
  expect("active", stats.active, held_);
  expect("queued", stats.queued, pending_);
  const auto next = store.next_expiry();
  if (next && next->reading <= now.reading) {
    throw Violation("leases-end",
                    "one that ended at " + in_words(*next) + " lasts at " + in_words(now));
  }
}

}  // namespace enxame::coordinator::simulation
