#include "coordinator/simulation/node.h"

#include <utility>

#include "coordinator/store/payload.h"

namespace enxame::coordinator::simulation {

namespace {

constexpr std::size_t kOperandBytes = 200;

std::shared_ptr<const Result> product_of(TaskId id) {
  return std::make_shared<const Result>(Result{Codec::json, "the product of " + task_name(id)});
}

/// Of what was submitted under one key; the same for the same.
wire::Digest fingerprint(std::size_t tiles) {
  wire::Digest digest;
  digest.bytes[0] = static_cast<unsigned char>(tiles);
  return digest;
}

}  // namespace

Node::Node(World& world, const StoreOptions& options, const MakeStore& make_store)
    : world_(world),
      options_(options),
      invariants_(options.limits),
      store_(make_store(options_, payloads_)),
      book_(*store_) {
  store_->add_observer(invariants_);
  store_->add_observer(book_);
}

std::optional<TaskId> Node::submit(const std::string& client, const std::string& key,
                                   std::size_t tiles) {
  NewTask task{.product_bytes = kOperandBytes, .tiles = tiles, .client = client};
  task.key = SubmissionKey{key, fingerprint(tiles)};
  task.operands = payloads_.keep(std::make_shared<const Operands>(
      Operands{Codec::json, std::string(kOperandBytes, 'x'), {1, 1}}));
  if (tiles > 0) task.product = payloads_.keep(product_of(0));
  invariants_.doing({});
  try {
    const Submitted submitted = store_->submit(task, now());
    if (submitted.is_new) return submitted.id;
    payloads_.drop(task.operands);
    payloads_.drop(task.product);
    return submitted.id;
  } catch (const StoreFull&) {
    payloads_.drop(task.operands);
    payloads_.drop(task.product);
    return std::nullopt;
  }
}

std::optional<Node::Given> Node::claim(const Ask& ask) {
  invariants_.doing({});
  if (book_.is_stale(ask)) return std::nullopt;
  while (const auto unheard = book_.take_unheard(ask)) store_->requeue(*unheard, now());
  if (const auto before = book_.answer_again(ask)) return Given{before->id, before->lease};
  Asker asker(ask);
  const auto claim = store_->claim(asker, now());
  if (!claim) return std::nullopt;
  book_.note(*claim, ask);
  return Given{claim->id, claim->lease};
}

Reply Node::answer(TaskId id, std::uint64_t lease, Answer answer) {
  return attempt([&] {
    const bool is_right = answer == Answer::product;
    invariants_.doing({id, lease, is_right});
    const auto held = store_->held(id, Holder::answering({}, lease));
    if (!held) return Reply::done;  // it is completed
    switch (answer) {
      case Answer::product:
      case Answer::wrong_product:
        return take_product(held->claim, held->is_late, is_right);
      case Answer::excuse:
        store_->nack(held->claim, "it is too hot", now());
        return Reply::done;
      case Answer::refusal:
        store_->fail(held->claim, "it is too odd", now());
        return Reply::done;
    }
    return Reply::done;
  });
}

/// Every product is verified.
Reply Node::take_product(const Claim& claim, bool is_late, bool is_right) {
  if (!is_right) {
    if (is_late) return Reply::not_held;
    store_->nack(claim, "the product is wrong", now());
    return Reply::done;
  }
  Completion completion{.is_right = true};
  if (!claim.payload.tile) completion.product = payloads_.keep(product_of(claim.id));
  try {
    store_->complete(claim, completion, now());
  } catch (const NotHeld&) {
    payloads_.drop(completion.product);
    throw;
  }
  return Reply::done;
}

void Node::keep(const std::string& keeper) {
  invariants_.doing({});
  for (const Claim& claim : book_.kept_by(keeper)) store_->renew(claim, now());
}

void Node::keeper_left(const std::string& keeper) {
  invariants_.doing({});
  if (!book_.left(keeper)) return;
  while (const auto claim = book_.take_kept_by(keeper)) {
    store_->abandon(*claim, "its connection ended", now());
  }
}

Look Node::look(TaskId id) const {
  try {
    const TaskRecord task = store_->find(id);
    Look look{Reply::done, task.state(), {}};
    if (task.is_split() || task.state() != TaskState::completed) return look;
    const auto product = payloads_.product(task.product);
    if (product == nullptr) throw Violation("right-only", "a completed task has no product");
    look.product = product->wire;
    return look;
  } catch (const ForgottenTask&) {
    return {Reply::forgotten, {}, {}};
  }
}

Reply Node::cancel(TaskId id) {
  return attempt([&] {
    invariants_.doing({});
    store_->cancel(id, now());
    return Reply::done;
  });
}

Reply Node::retry(TaskId id) {
  return attempt([&] {
    invariants_.doing({});
    store_->retry(id, now());
    return Reply::done;
  });
}

void Node::tick() {
  invariants_.doing({});
  store_->expire_leases(now());
  invariants_.check(*store_, now());
}

template <typename Act>
Reply Node::attempt(Act act) {
  try {
    return act();
  } catch (const ForgottenTask&) {
    return Reply::forgotten;
  } catch (const NotHeld&) {
    return Reply::not_held;
  } catch (const WrongState&) {
    return Reply::refused;
  } catch (const StoreFull&) {
    return Reply::refused;
  }
}

}  // namespace enxame::coordinator::simulation
