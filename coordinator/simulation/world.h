#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "matmul/splitmix64.h"
#include "matmul/timing/phases.h"

namespace enxame::coordinator::simulation {

/// How often things go wrong, from 0 (never) to 1 (always).
struct Faults {
  double loss = 0.03;         ///< of a message
  double duplication = 0.03;  ///< of a message
  double cut = 0.002;         ///< of a party from the coordinator for some seconds, per message
  double crash = 0.01;        ///< of a worker, per task
  double freeze = 0.01;       ///< of a worker for some seconds, per task
  double wrong = 0.02;        ///< of a product
  double excuse = 0.03;       ///< of a worker that cannot compute a task
  double refusal = 0.005;     ///< of a worker that says that nobody can
  double cancel = 0.01;       ///< by the client, per question
};

/// No faults at all.
inline constexpr Faults kNoFaults{0, 0, 0, 0, 0, 0, 0, 0, 0};

/// Time that goes on from event to event, chance that comes from one seed, and a network between
/// the coordinator and its parties that delays what is sent, reorders, doubles and loses it, and
/// cuts parties off. The same seed gives the same events.
class World {
 public:
  World(std::uint64_t seed, const Faults& faults, std::size_t parties);

  Duration now() const { return now_; }
  const Faults& faults() const { return faults_; }

  bool happens(double chance);
  /// A whole number from 0 to `end` − 1.
  std::uint64_t below(std::uint64_t end);
  Duration between(Duration least, Duration most);

  void after(Duration delay, std::function<void()> then);

  /// Sends something from the coordinator to a party, or from a party to it.
  void send(std::size_t party, std::function<void()> deliver);

  /// Nothing goes wrong from now on.
  void heal();

  /// Lets the next event happen; there is one as long as somebody goes on.
  void step();

 private:
  struct Event {
    Duration at;
    std::uint64_t number;  // of two at the same time the earlier first
    std::function<void()> happen;
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const {
      return a.at != b.at ? a.at > b.at : a.number > b.number;
    }
  };

  void cut(std::size_t party);

  SplitMix64 random_;
  Faults faults_;
  std::vector<bool> is_cut_;
  Duration now_{0};
  std::uint64_t last_number_ = 0;
  std::priority_queue<Event, std::vector<Event>, Later> events_;
};

}  // namespace enxame::coordinator::simulation
