#include <chrono>
#include <utility>

#include "coordinator/simulation/parties.h"

namespace enxame::coordinator::simulation {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kRepeatPatience{500};  // until something is said again
constexpr milliseconds kIdlePause{20};        // after "no task"
constexpr seconds kKeepPeriod{2};

}  // namespace

Worker::Worker(World& world, Node& node, std::size_t party)
    : world_(world), node_(node), party_(party) {}

template <typename Then>
void Worker::when_thawed(std::uint64_t life, Then then) {
  if (life != life_) return;
  if (world_.now() >= frozen_until_) return then();
  world_.after(frozen_until_ - world_.now(), [this, life, then] { when_thawed(life, then); });
}

template <typename Then>
void Worker::later(Duration delay, Then then) {
  world_.after(delay, [this, life = life_, then] { when_thawed(life, then); });
}

void Worker::start() {
  keeper_ = "k" + std::to_string(party_) + "." + std::to_string(life_);
  node_.keeper_came(keeper_);
  keep();
  ask();
}

void Worker::keep() {
  world_.send(party_, [this, keeper = keeper_] { node_.keep(keeper); });
  later(kKeepPeriod, [this] { keep(); });
}

void Worker::ask() {
  is_asking_ = true;
  Ask ask("w" + std::to_string(party_), Fence::lease);
  ask.keeper = keeper_;
  ask.question = question_;
  world_.send(party_, [this, ask, life = life_] {
    const auto given = node_.claim(ask);
    world_.send(party_, [this, life, question = ask.question, given] {
      when_thawed(life, [this, question, given] { heard(question, given); });
    });
  });
  later(kRepeatPatience, [this, question = question_] {
    if (is_asking_ && question == question_) this->ask();
  });
}

void Worker::heard(std::uint64_t question, std::optional<Node::Given> given) {
  if (!is_asking_ || question != question_) return;  // an answer that came twice, or too late
  is_asking_ = false;
  ++question_;
  if (given) return compute(*given);
  later(kIdlePause, [this] { ask(); });
}

void Worker::compute(const Node::Given& task) {
  const Faults& faults = world_.faults();
  if (world_.happens(faults.crash)) return crash();
  if (world_.happens(faults.freeze)) {
    frozen_until_ = world_.now() + world_.between(seconds(1), seconds(30));
  }
  Answer answer = Answer::product;
  if (world_.happens(faults.wrong)) answer = Answer::wrong_product;
  if (world_.happens(faults.excuse)) answer = Answer::excuse;
  if (world_.happens(faults.refusal)) answer = Answer::refusal;
  work_ = Work{task, answer};
  later(world_.between(milliseconds(1), seconds(1)), [this] { give_back(); });
}

void Worker::give_back() {
  if (!work_) return;
  world_.send(party_, [this, life = life_, work = *work_] {
    node_.answer(work.task.id, work.task.lease, work.answer);
    world_.send(party_, [this, life, lease = work.task.lease] {
      when_thawed(life, [this, lease] { taken(lease); });
    });
  });
  later(kRepeatPatience, [this, lease = work_->task.lease] {
    if (work_ && work_->task.lease == lease) give_back();
  });
}

void Worker::taken(std::uint64_t lease) {
  if (!work_ || work_->task.lease != lease) return;
  work_.reset();
  ask();
}

/// It starts again after a while; its connection ends at once, or when the coordinator finds out.
void Worker::crash() {
  ++life_;
  work_.reset();
  is_asking_ = false;
  question_ = 1;
  frozen_until_ = world_.now();
  world_.after(world_.between(milliseconds(0), seconds(30)),
               [this, keeper = keeper_] { node_.keeper_left(keeper); });
  later(world_.between(milliseconds(100), seconds(10)), [this] { start(); });
}

}  // namespace enxame::coordinator::simulation
