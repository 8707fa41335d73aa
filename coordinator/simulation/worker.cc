#include <chrono>
#include <utility>

#include "coordinator/simulation/parties.h"

namespace enxame::coordinator::simulation {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kPatience{500};   // until something is said again
constexpr milliseconds kPause{20};       // after "no task"
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
  if (request_.empty()) request_ = std::to_string(++questions_);
  Ask ask("w" + std::to_string(party_), Fence::lease);
  ask.keeper = keeper_;
  ask.request = std::to_string(life_) + "." + request_;
  world_.send(party_, [this, ask, life = life_, request = request_] {
    const auto given = node_.claim(ask);
    world_.send(party_, [this, life, request, given] {
      when_thawed(life, [this, request, given] { heard(request, given); });
    });
  });
  later(kPatience, [this, request = request_] {
    if (request == request_) this->ask();
  });
}

void Worker::heard(const std::string& request, std::optional<Node::Given> given) {
  if (request != request_) return;  // an answer that came twice, or too late
  request_.clear();
  if (given) return compute(*given);
  later(kPause, [this] { ask(); });
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
  later(kPatience, [this, lease = work_->task.lease] {
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
  request_.clear();
  frozen_until_ = world_.now();
  world_.after(world_.between(milliseconds(0), seconds(30)),
               [this, keeper = keeper_] { node_.keeper_left(keeper); });
  later(world_.between(milliseconds(100), seconds(10)), [this] { start(); });
}

}  // namespace enxame::coordinator::simulation
