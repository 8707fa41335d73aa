#include <chrono>
#include <utility>

#include "coordinator/simulation/parties.h"

namespace enxame::coordinator::simulation {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kAnswerPatience{500};
constexpr milliseconds kLookPause{50};  // between two looks

}  // namespace

Client::Client(World& world, Node& node, std::size_t party)
    : world_(world), node_(node), party_(party) {}

void Client::submit() {
  ++number_;
  tiles_ = world_.happens(0.2) ? 2 + world_.below(4) : 0;
  task_.reset();
  product_.reset();
  send_submission();
}

void Client::send_submission() {
  const std::string client = "c" + std::to_string(party_);
  const std::string key = client + "." + std::to_string(number_);
  world_.send(party_, [this, client, key, number = number_, tiles = tiles_] {
    const auto id = node_.submit(client, key, tiles);
    world_.send(party_, [this, number, id] { submitted(number, id); });
  });
  world_.after(kAnswerPatience, [this, number = number_] {
    if (number == number_ && !task_) send_submission();
  });
}

void Client::submitted(std::uint64_t number, std::optional<TaskId> id) {
  if (number != number_ || !id) return;  // of an earlier one; no room: it is sent again
  if (!task_) {
    task_ = id;
    return look();
  }
  // It may have been forgotten in between, which makes it another task.
  if (*task_ != *id && node_.look(*task_).reply != Reply::forgotten) {
    throw Violation("one-task-per-key", "submission " + std::to_string(number) + " is task " +
                                            std::to_string(*task_) + " and " + std::to_string(*id));
  }
}

void Client::look() {
  if (world_.happens(world_.faults().cancel)) {
    world_.send(party_, [this, id = *task_] { node_.cancel(id); });
  }
  world_.send(party_, [this, id = *task_, number = number_] {
    const Look look = node_.look(id);
    // Numbered where it is answered: questions may overtake each other as well.
    world_.send(party_, [this, number, at = ++looks_, look] { looked(number, at, look); });
  });
  world_.after(product_ ? Duration(seconds(1)) : Duration(kLookPause),
               [this, number = number_, was = *task_] {
                 if (number == number_ && task_ == was) look();
               });
}

void Client::looked(std::uint64_t number, std::uint64_t at, const Look& look) {
  if (number != number_ || at < last_look_) return;
  last_look_ = at;
  if (look.reply == Reply::forgotten) return next();
  if (!is_finished(look.state)) {
    if (product_) throw Violation("one-answer", task_name(*task_) + " was completed and is not");
    return;
  }
  found_end(look);
}

void Client::found_end(const Look& look) {
  if (look.state == TaskState::failed && world_.happens(0.5)) {
    world_.send(party_, [this, id = *task_] { node_.retry(id); });
    return;
  }
  if (look.state == TaskState::completed && tiles_ == 0) {
    if (look.product != "the product of " + task_name(*task_)) {
      throw Violation("one-answer", task_name(*task_) + " has \"" + look.product + "\"");
    }
  }
  if (look.state == TaskState::completed && !product_ && world_.happens(0.1)) {
    product_ = look.product;  // it looks once more, later
    return;
  }
  if (product_ && look.state != TaskState::completed) {
    throw Violation("one-answer", task_name(*task_) + " was completed and is " +
                                      std::string(to_string(look.state)));
  }
  next();
}

void Client::next() {
  ++ended_;
  task_.reset();
  if (is_finishing_) {
    ++number_;  // what still comes is of no interest
    is_done_ = true;
    return;
  }
  submit();
}

}  // namespace enxame::coordinator::simulation
