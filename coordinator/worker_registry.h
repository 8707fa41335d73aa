#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "coordinator/task.h"
#include "matmul/clock_offset.h"

namespace enxame {

/// What is known of the workers that have a name. Not thread-safe: the store that owns it locks.
///
/// A worker counts as asking while it waits for a task, and for kAskingGrace after it asked or
/// answered: long enough to see one that polls every two seconds as present, short enough to see
/// one that left.
///
/// Anyone may ask under any name, so names are cheap: a worker is *proven* once it has completed a
/// task. When there is no room for another name, an idle one that was never proven makes place
/// first, whenever it was last seen, and a proven one only once it is silent.
///
/// Every call but list() takes the same time however many workers there are.
class WorkerRegistry {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds kAskingGrace{5'000};

  /// How many names are kept.
  static constexpr std::size_t kMaxWorkers = 4096;

  /// The worker has been heard of. The nameless are not kept. Returns whether it counts as present
  /// now and did not before.
  bool saw(const std::string& worker, TimePoint now);

  void began_to_wait(const std::string& worker);
  void ended_to_wait(const std::string& worker);
  void took_task(const std::string& worker) noexcept;
  void let_task_go(const std::string& worker) noexcept;
  void completed(const std::string& worker) noexcept;

  /// What is known of the worker's clock; null where the worker is not.
  ClockOffset* clock_of(const std::string& worker);

  /// How many are asking or working.
  std::size_t present(TimePoint now);

  /// How many of these wait for a task, hold one, or are proven: those that a split can count on.
  std::size_t reliable(TimePoint now);

  /// All that are known, in no order.
  std::vector<WorkerView> list(TimePoint now) const;

 private:
  struct Entry;
  using Idle = std::list<Entry*>;

  /// Idle workers, in the order in which they were last seen: those seen within kAskingGrace, and
  /// the others.
  struct Shelf {
    Idle recent;
    Idle silent;
  };

  struct Entry {
    const std::string* name = nullptr;
    std::size_t waiting = 0;
    std::size_t held = 0;
    std::uint64_t completed = 0;
    TimePoint last_seen{};
    ClockOffset clock{};
    Idle place{};           ///< its node, while it is not idle
    Idle::iterator self{};  ///< its node, wherever that is
    Idle* shelf = nullptr;  ///< where its node is; null while it is not idle

    bool is_busy() const { return waiting > 0 || held > 0; }
  };

  static WorkerState state_of(const Entry& entry, TimePoint now);
  Entry* find(const std::string& worker) noexcept;
  Entry& add(const std::string& worker);
  Shelf& shelf_of(const Entry& entry) noexcept { return shelves_[entry.completed > 0 ? 1 : 0]; }
  void take_off(Entry& entry) noexcept;
  void put_back(Entry& entry) noexcept;
  void settle(TimePoint now) noexcept;
  bool forget_one();

  std::unordered_map<std::string, Entry> entries_;
  std::array<Shelf, 2> shelves_;  // the unproven and the proven
  std::size_t busy_ = 0;
  TimePoint settled_at_{};
};

}  // namespace enxame
