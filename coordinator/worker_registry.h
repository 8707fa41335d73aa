#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
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
class WorkerRegistry {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::milliseconds kAskingGrace{5'000};

  /// When more names than this have been seen, the silent one that was seen longest ago is
  /// forgotten.
  static constexpr std::size_t kMaxWorkers = 4096;

  /// The worker has been heard of. The nameless are not kept.
  void saw(const std::string& worker, TimePoint now);

  void began_to_wait(const std::string& worker);
  void ended_to_wait(const std::string& worker);
  void took_task(const std::string& worker);
  void let_task_go(const std::string& worker);
  void completed(const std::string& worker);

  /// What is known of the worker's clock; null where the worker is not.
  ClockOffset* clock_of(const std::string& worker);

  /// How many are asking or working.
  std::size_t present(TimePoint now) const;

  /// All that are known, in the order of their names.
  std::vector<WorkerView> list(TimePoint now) const;

 private:
  struct Entry {
    std::size_t waiting = 0;
    std::size_t held = 0;
    std::uint64_t completed = 0;
    TimePoint last_seen{};
    ClockOffset clock{};
  };

  static WorkerState state_of(const Entry& entry, TimePoint now);
  Entry* find(const std::string& worker);
  void forget_one(TimePoint now);

  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace enxame
