#include "coordinator/broker/task_broker.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

#include "coordinator/broker/verification.h"
#include "coordinator/store/rules.h"
#include "coordinator/store/unowned.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/partition.h"

namespace enxame::coordinator {

using std::chrono::milliseconds;

namespace {

std::size_t frame_bytes(Shape product) { return FrameHeader{Dtype::f64, product}.frame_bytes(); }

}  // namespace

/// A submission that is written down when its task is accepted, and else was none.
class TaskBroker::Announced {
 public:
  Announced(Durability* durability, const PayloadRef& operands, Submission submission)
      : durability_(durability), operands_(operands) {
    if (durability_ != nullptr) durability_->announce(operands, std::move(submission));
  }
  Announced(const Announced&) = delete;
  Announced& operator=(const Announced&) = delete;
  ~Announced() {
    if (durability_ != nullptr) durability_->withdraw(operands_);
  }

 private:
  Durability* const durability_;
  const PayloadRef operands_;
};

TaskBroker::TaskBroker(TaskStore& store, PayloadStore& payloads, BrokerOptions options)
    : store_(store),
      payloads_(payloads),
      options_(std::move(options)),
      clock_(options_.now),
      verifier_(options_.verify),
      presence_(clock_, options_.durability),
      book_(store),
      line_(store, clock_, presence_),
      results_(store, payloads),
      leases_(store, clock_, [this] { line_.serve(); }) {
  // First: who hears of something from another must find it there.
  if (options_.durability != nullptr) store_.add_observer(*options_.durability);
  store_.add_observer(presence_);
  store_.add_observer(book_);
  store_.add_observer(results_);
  store_.add_observer(leases_);
}

TaskId TaskBroker::submit(std::shared_ptr<const Operands> operands, const Split& split,
                          std::optional<SubmissionKey> key, std::string client) {
  const Instant at = clock_.read();
  if (options_.durability != nullptr) options_.durability->check_accepts();
  Submission submission{std::move(operands), split, 0, std::move(key), std::move(client)};
  const auto partition = cut(*submission.operands, split);
  const TaskId id = partition ? submit_divided(std::move(submission), *partition, at)
                              : submit_whole(std::move(submission), at);
  settle(id);
  return id;
}

TaskId TaskBroker::submit_whole(Submission submission, const Instant& at) {
  const NewTask task{.operands = payloads_.keep(submission.operands),
                     .product_bytes = frame_bytes(submission.operands->product),
                     .key = submission.key,
                     .client = submission.client};
  Unowned unowned(payloads_, task.operands);
  const Announced announced(options_.durability, task.operands, std::move(submission));
  const Submitted submitted = store_.submit(task, at);
  if (!submitted.is_new) return submitted.id;
  unowned.owned();
  line_.serve();
  return submitted.id;
}

void TaskBroker::restore(RestoredTask task) {
  Restored restored{task.id, task.life, {}, std::move(task.error), std::move(task.worker)};
  if (task.product) restored.product = payloads_.keep(std::move(task.product));
  NewTask added{.key = std::move(task.submission.key), .client = task.submission.client};
  const Submission& submission = task.submission;
  if (submission.operands && submission.tiles > 0) {
    const Partition partition(submission.operands->product, submission.split.kind,
                              submission.tiles);
    const auto parts =
        payloads_.keep_divided(submission.operands, partition, submission.split.reuse);
    added.operands = parts.operands;
    added.product = parts.product;
    added.tiles = partition.size();
    added.product_bytes = frame_bytes(partition.shape());
  } else if (submission.operands) {
    added.product_bytes = frame_bytes(submission.operands->product);
    added.operands = payloads_.keep(submission.operands);
  }
  store_.restore(added, restored, clock_.read());
}

/// Waits until what has happened to the task so far is written down, where something is.
void TaskBroker::settle(TaskId id) const {
  if (options_.durability != nullptr) options_.durability->settle(id);
}

/// The view, when what it tells is written down.
TaskView TaskBroker::durable(TaskView task) const {
  settle(task.id);
  return task;
}

/// How the task is cut into tiles: into as many as there are workers to be counted on, where the
/// submission does not say. Nothing when it is not.
std::optional<Partition> TaskBroker::cut(const Operands& operands, const Split& split) const {
  if (split.kind == SplitKind::none) return std::nullopt;
  const std::size_t wanted = split.tiles > 0 ? split.tiles : presence_.reliable();
  const Partition partition(operands.product, split.kind,
                            std::clamp<std::size_t>(wanted, 1, Split::kMaxTiles));
  if (partition.size() == 1) return std::nullopt;
  return partition;
}

TaskId TaskBroker::submit_divided(Submission submission, const Partition& partition,
                                  const Instant& at) {
  const PayloadStore::Divided parts =
      payloads_.keep_divided(submission.operands, partition, submission.split.reuse);
  Unowned unowned_operands(payloads_, parts.operands);
  Unowned unowned_product(payloads_, parts.product);
  const NewTask task{.operands = parts.operands,
                     .product_bytes = frame_bytes(partition.shape()),
                     .tiles = partition.size(),
                     .product = parts.product,
                     .key = submission.key,
                     .client = submission.client};
  submission.tiles = partition.size();
  const Announced announced(options_.durability, parts.operands, std::move(submission));
  const Submitted submitted = store_.submit(task, at);
  if (!submitted.is_new) return submitted.id;
  unowned_operands.owned();
  unowned_product.owned();
  line_.serve();
  payloads_.prepare(parts.operands);  // while the workers compute
  return submitted.id;
}

Claimed TaskBroker::claim(const Ask& ask, milliseconds time, const StillThere& still_there) {
  presence_.saw(ask.worker);
  if (presence_.admission_of(ask.worker) == Admission::quarantined) {
    throw Quarantined("worker \"" + ask.worker +
                      "\" is in quarantine: " + presence_.why_not_admitted(ask.worker));
  }
  if (book_.is_stale(ask)) return {WaitOutcome::none};
  while (const auto unheard = book_.take_unheard(ask)) requeue(*unheard);
  if (auto before = answered_before(ask)) return {WaitOutcome::task, std::move(before)};
  for (;;) {
    const ClaimLine::Turn turn = line_.claim(Asker(ask), patience(time, still_there));
    if (!turn.claim) return {turn.outcome};
    // Finished meanwhile, because another tile of its task failed, it is nobody's any more.
    if (auto operands = operands_of(*turn.claim)) {
      if (note(*turn.claim, ask)) {
        return {turn.outcome, Assignment{*turn.claim, std::move(operands)}};
      }
      unclaim(*turn.claim);
      auto before = answered_before(ask);
      return {before ? WaitOutcome::task : WaitOutcome::none, std::move(before)};
    }
  }
}

/// What the question was answered with before, which is to be handed out again.
std::optional<Assignment> TaskBroker::answered_before(const Ask& ask) {
  const auto before = book_.answer_again(ask);
  if (!before) return std::nullopt;
  auto operands = payloads_.operands(before->payload);
  if (!operands) return std::nullopt;  // finished meanwhile
  return Assignment{*before, std::move(operands)};
}

/// A task of which there is no memory to note who has it goes back.
bool TaskBroker::note(const Claim& claim, const Ask& ask) {
  try {
    return book_.note(claim, ask);
  } catch (const std::bad_alloc&) {
    unclaim(claim);
    throw;
  }
}

void TaskBroker::keep(const std::string& keeper) {
  for (const Claim& claim : book_.kept_by(keeper)) renew(claim);
}

void TaskBroker::keeper_left(const std::string& keeper, std::string_view how) noexcept {
  const bool was_the_last = book_.left(keeper);
  if (!was_the_last || how.empty()) return;
  while (const auto claim = book_.take_kept_by(keeper)) abandon(*claim, how);
}

void TaskBroker::drain(const std::string& worker) {
  if (presence_.admit(worker, Admission::draining, "it is being drained")) return;
  throw UnknownWorker("there is no worker \"" + worker + "\"");
}

void TaskBroker::quarantine(const std::string& worker, const std::string& reason) {
  presence_.admit(worker, Admission::quarantined, reason);
}

void TaskBroker::readmit(const std::string& worker) {
  if (!presence_.admit(worker, Admission::admitted, {})) {
    throw UnknownWorker("there is no worker \"" + worker + "\"");
  }
  line_.serve();
}

TaskView TaskBroker::cancel(TaskId id) {
  return durable(with_product(store_.cancel(id, clock_.read())));
}

TaskView TaskBroker::retry(TaskId id) {
  TaskRecord task = store_.retry(id, clock_.read());
  line_.serve();
  return durable(with_product(std::move(task)));
}

/// Null when they were dropped. A task whose operands there is no memory to name goes back.
std::shared_ptr<const Operands> TaskBroker::operands_of(const Claim& claim) {
  try {
    return payloads_.operands(claim.payload);
  } catch (const std::bad_alloc&) {
    unclaim(claim);
    throw;
  }
}

void TaskBroker::requeue(const Claim& claim) noexcept {
  store_.requeue(claim, clock_.read());
  line_.serve();
}

void TaskBroker::unsent(const Claim& claim) noexcept {
  if (was_lost(claim)) requeue(claim);
}

void TaskBroker::unclaim(const Claim& claim) noexcept {
  store_.unclaim(claim, clock_.read());
  line_.serve();
}

void TaskBroker::abandon(const Claim& claim, std::string_view how) noexcept {
  store_.abandon(claim, how, clock_.read());
  line_.serve();
}

std::optional<HeldTask> TaskBroker::held(TaskId id, const Holder& holder) {
  for (;;) {
    auto held = store_.held(id, holder);
    presence_.saw(std::string(holder.worker()));
    if (!held) return std::nullopt;
    // Null when the task was finished just now; the store is asked what it is, then.
    if (auto operands = payloads_.operands(held->claim.payload)) {
      if (held->worker.empty()) held->worker = holder.worker();
      return HeldTask{{held->claim, std::move(operands)}, std::move(held->worker), held->is_late};
    }
  }
}

TaskView TaskBroker::complete(const Assignment& task, const std::string& worker, Result product,
                              const WorkerPhases& told) {
  const Instant at = clock_.read();
  Completion completion{.worker = worker, .is_right = verifier_.chooses()};
  if (completion.is_right) verify(task, worker, product);
  completion.away = presence_.time_away(worker, task.claimed_at, at, told);
  if (task.payload.tile) return complete_tile(task, std::move(completion), product, at);
  completion.product = payloads_.keep(std::make_shared<const Result>(std::move(product)));
  Unowned unowned(payloads_, completion.product);
  // So that it can be shown even if it is forgotten at once.
  const auto kept = payloads_.product(completion.product);
  TaskRecord completed = complete_in_store(task, completion, *kept, at);
  unowned.owned();
  if (completed.product == completion.product) return durable(view_of(std::move(completed), kept));
  confirm(task.id, {worker, task.lease}, *kept);
  return durable(with_product(std::move(completed)));
}

TaskView TaskBroker::complete_tile(const Assignment& task, Completion completion,
                                   const Result& product, const Instant& at) {
  if (!store_.held(task.id, Holder::of(task))) return look(task.id);
  // Renewed, so that the lease does not run out with a product in its place that nobody has
  // verified.
  if (!completion.is_right && !renew(task)) {
    verify(task, completion.worker, product);
    completion.is_right = true;
  }
  // Copied while others go on. Whoever holds the tile by then, its product is in its place.
  payloads_.place(task.payload, product);
  return durable(with_product(complete_in_store(task, std::move(completion), product, at)));
}

/// Late products are verified.
TaskRecord TaskBroker::complete_in_store(const Assignment& task, Completion completion,
                                         const Result& product, const Instant& at) {
  try {
    return store_.complete(task, completion, at);
  } catch (const HeldNoLonger&) {
    verify(task, completion.worker, product);
    completion.is_right = true;
    return store_.complete(task, std::move(completion), at);
  }
}

/// Throws std::invalid_argument unless it is right; who returned it gets no more tasks then.
void TaskBroker::verify(const Assignment& task, const std::string& worker, const Result& product) {
  const auto wrong = find_wrong_row(verifier_, *task.operands, product);
  if (!wrong) {
    ++right_;
    return;
  }
  refuse_wrong(task, worker, to_string(*wrong));
}

void TaskBroker::refuse_wrong(const Assignment& task, const std::string& worker,
                              const std::string& how) {
  ++wrong_;
  const std::string words = "the product is wrong: " + how;
  quarantine(worker, words + " (" + task_name(task.id) + ")");
  throw std::invalid_argument(words);
}

TaskView TaskBroker::overflowed(const Assignment& task, const std::string& worker,
                                const std::string& reason) {
  if (!can_overflow(*task.operands)) {
    refuse_wrong(task, worker, reason + ", which numbers of this size cannot");
  }
  return fail(task, reason);
}

bool TaskBroker::confirm(TaskId id, const Returning& by, const Result& product) {
  const ResultWaits::Found found = results_.look(id);
  if (found.product == nullptr) return true;
  std::optional<std::string> apart;
  try {
    apart = difference(*found.product, product);
  } catch (const std::invalid_argument&) {
    return true;
  }
  if (!apart) return true;
  store_.contradict(id, {by.worker, by.lease, clock_.read(), *apart});
  return false;
}

TaskView TaskBroker::fail(const Claim& claim, const std::string& reason) {
  return durable(with_product(store_.fail(claim, reason, clock_.read())));
}

TaskView TaskBroker::nack(const Claim& claim, const std::string& reason) {
  TaskRecord task = store_.nack(claim, reason, clock_.read());
  line_.serve();
  return durable(with_product(std::move(task)));
}

TaskView TaskBroker::with_product(TaskRecord task) const {
  auto product = payloads_.product(task.product);
  return view_of(std::move(task), std::move(product));
}

TaskRecord TaskBroker::inspect(TaskId id) const {
  TaskRecord task = store_.find(id);
  settle(id);
  return task;
}

TaskView TaskBroker::look(TaskId id) const {
  ResultWaits::Found found = results_.look(id);
  return durable(view_of(std::move(found.task), std::move(found.product)));
}

Awaited TaskBroker::result(TaskId id, milliseconds time, const StillThere& still_there) {
  const Patience how_long = patience(time, still_there);
  try {
    ResultWaits::Found found = how_long.none() ? results_.look(id) : results_.await(id, how_long);
    return {found.outcome, durable(view_of(std::move(found.task), std::move(found.product)))};
  } catch (const StoreUnavailable&) {
    return {WaitOutcome::unavailable};
  }
}

void TaskBroker::close() {
  line_.close();
  results_.close();
  presence_.close();
}

}  // namespace enxame::coordinator
