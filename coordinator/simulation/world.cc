#include "coordinator/simulation/world.h"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace enxame::coordinator::simulation {

using std::chrono::microseconds;
using std::chrono::seconds;

World::World(std::uint64_t seed, const Faults& faults, std::size_t parties)
    : random_(seed), faults_(faults), is_cut_(parties, false) {}

bool World::happens(double chance) {
  // Drawn also for what never happens, so that other chances stay as they are.
  constexpr double kRange = 9007199254740992.0;  // 2^53
  return static_cast<double>(random_() >> 11) / kRange < chance;
}

std::uint64_t World::below(std::uint64_t end) { return random_() % end; }

Duration World::between(Duration least, Duration most) {
  const auto range = static_cast<std::uint64_t>((most - least).count()) + 1;
  return least + Duration(static_cast<Duration::rep>(below(range)));
}

void World::after(Duration delay, std::function<void()> then) {
  events_.push({now_ + delay, ++last_number_, std::move(then)});
}

void World::send(std::size_t party, std::function<void()> deliver) {
  if (happens(faults_.cut)) cut(party);
  const bool is_lost = happens(faults_.loss);
  const bool is_doubled = happens(faults_.duplication);
  const Duration delay = between(microseconds(50), microseconds(20'000));
  const Duration other_delay = between(microseconds(50), seconds(5));
  if (is_cut_[party]) return;
  if (is_doubled) after(other_delay, deliver);
  if (!is_lost) after(delay, std::move(deliver));
}

void World::cut(std::size_t party) {
  if (is_cut_[party]) return;
  is_cut_[party] = true;
  after(between(seconds(1), seconds(40)), [this, party] { is_cut_[party] = false; });
}

void World::heal() {
  faults_ = kNoFaults;
  is_cut_.assign(is_cut_.size(), false);
}

void World::step() {
  if (events_.empty()) throw std::logic_error("nothing happens any more");
  // The queue shows its top only to look at; it is moved out right before it goes.
  Event event = std::move(const_cast<Event&>(events_.top()));
  events_.pop();
  now_ = event.at;
  event.happen();
}

}  // namespace enxame::coordinator::simulation
