#include "load/dispatcher.h"

#include <algorithm>
#include <utility>

namespace enxame::load {
namespace {

/// Between these nobody is parked or called: at a low rate the same few clients do all the work.
constexpr std::size_t kFewestInLine = 2;
constexpr std::size_t kMostInLine = 4;

}  // namespace

Dispatcher::Dispatcher(ArrivalSchedule schedule, Clock::time_point origin, Window window,
                       std::size_t clients)
    : origin_(origin),
      window_(window),
      schedule_(std::move(schedule)),
      next_{.number = 0, .due = origin + schedule_.next()},
      slots_(clients) {}

std::optional<Arrival> Dispatcher::next(std::size_t client) {
  std::unique_lock lock(mutex_);
  const auto asked = Clock::now();
  wait_in_line(lock, client);
  if (stopped_) return std::nullopt;
  Slot& slot = slots_[client];
  slot.state = Client::waiting;
  slot.arrival = take();
  const Clock::time_point due = slot.arrival.due;
  if (Clock::now() < due) slot.called.wait_until(lock, due, [this] { return stopped_; });
  leave_line();
  if (slot.state == Client::abandoned) return std::nullopt;
  const auto now = Clock::now();
  if (stopped_ && !owed(slot.arrival, now)) {
    slot.state = Client::free;
    return std::nullopt;
  }
  slot.arrival.backlog = now - due;
  if (asked < due) {
    slot.arrival.lateness = now - due;
    if (window_.contains(due)) lateness_.record(slot.arrival.lateness);
  }
  slot.state = Client::in_flight;
  return slot.arrival;
}

bool Dispatcher::finish(std::size_t client) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[client];
  if (slot.state == Client::abandoned) return false;
  slot.state = Client::free;
  return true;
}

bool Dispatcher::served() const {
  const std::lock_guard lock(mutex_);
  return next_.due >= window_.end && std::ranges::none_of(slots_, [this](const Slot& slot) {
           return slot.state != Client::free && slot.arrival.due < window_.end;
         });
}

bool Dispatcher::idle() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::none_of(slots_,
                              [](const Slot& slot) { return slot.state == Client::in_flight; });
}

void Dispatcher::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (Slot& slot : slots_) slot.called.notify_one();
}

std::vector<Unfinished> Dispatcher::abandon_in_flight() {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  std::vector<Unfinished> unfinished;
  for (std::size_t client = 0; client < slots_.size(); ++client) {
    Slot& slot = slots_[client];
    const bool overslept = slot.state == Client::waiting && owed(slot.arrival, now);
    if (slot.state != Client::in_flight && !overslept) continue;
    slot.state = Client::abandoned;
    unfinished.push_back({.arrival = slot.arrival, .client = client});
  }
  return unfinished;
}

std::optional<Unfinished> Dispatcher::abandon_overdue(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (next_.due >= std::min(now, window_.end)) return std::nullopt;
  return Unfinished{.arrival = take(), .client = std::nullopt};
}

bool Dispatcher::abandoned(std::size_t client) const {
  const std::lock_guard lock(mutex_);
  return slots_[client].state == Client::abandoned;
}

std::uint64_t Dispatcher::offered() const {
  const std::lock_guard lock(mutex_);
  return offered_;
}

DurationHistogram Dispatcher::lateness() const {
  const std::lock_guard lock(mutex_);
  return lateness_;
}

void Dispatcher::wait_in_line(std::unique_lock<std::mutex>& lock, std::size_t client) {
  if (in_line_ < kMostInLine) {
    ++in_line_;
    return;
  }
  Slot& slot = slots_[client];
  slot.parked = true;
  parked_.push_back(client);
  slot.called.wait(lock, [&] { return stopped_ || !slot.parked; });
}

void Dispatcher::leave_line() {
  --in_line_;
  if (in_line_ >= kFewestInLine || parked_.empty()) return;
  Slot& slot = slots_[parked_.back()];
  parked_.pop_back();
  slot.parked = false;
  ++in_line_;
  slot.called.notify_one();
}

/// Whether it must not be forgotten: the window and what came before it count to the last arrival,
/// what follows is there only so that the load goes on.
bool Dispatcher::owed(const Arrival& arrival, Clock::time_point now) const {
  return arrival.due <= now && arrival.due < window_.end;
}

Arrival Dispatcher::take() {
  const Arrival taken = next_;
  next_ = {.number = taken.number + 1, .due = origin_ + schedule_.next()};
  if (window_.contains(taken.due)) ++offered_;
  return taken;
}

}  // namespace enxame::load
