#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "matmul/timing/clock_offset.h"

namespace enxame::coordinator {

enum class WorkerState {
  asking,   ///< waits for a task, or asked or answered a moment ago
  working,  ///< holds a task
  silent,   ///< neither
};

/// "asking", "working" or "silent".
std::string_view to_string(WorkerState state);

/// Whether a worker gets tasks.
enum class Admission {
  admitted,
  draining,     ///< it is to end: it gets no more
  quarantined,  ///< it answered wrongly: it gets no more
};

/// "admitted", "draining" or "quarantined".
std::string_view to_string(Admission admission);

/// What a worker tells of itself.
struct WorkerDescription {
  std::string engine{};  ///< "native", "browser", …; empty: it does not say
  std::string kernel{};
};

struct WorkerView {
  std::string id;
  WorkerState state = WorkerState::silent;
  Duration since_seen{};
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;  ///< tasks that came back from it without a product
  WorkerDescription description{};
  Admission admission = Admission::admitted;
  std::string reason{};  ///< why it is not admitted
};

/// What is known of the workers that have a name. Not thread-safe: who owns it
/// locks.
///
/// A worker counts as asking while it waits for a task, and for kAskingGrace after it asked or
/// answered: long enough to see one that polls every two seconds as present, short enough to see
/// one that left.
///
/// Anyone may ask under any name, so names are cheap. A worker that waits has a connection of its
/// own; a worker is *proven* once it has completed a task. When there is no room for another name,
/// one that is neither makes place, the silent ones first, then proven ones, and at last the one of
/// those not admitted that has been silent for longest; who waits stays. Only those that wait, and
/// proven ones that hold a task, are to be counted on.
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
  void failed(const std::string& worker) noexcept;

  /// One that was not heard of before is known from now on, as silent: it has not asked yet.
  void describe(const std::string& worker, WorkerDescription description, TimePoint now);

  /// Has the worker get tasks, or not, and says why. Returns whether it is known.
  bool admit(const std::string& worker, Admission admission, std::string reason);
  /// Why the worker gets no tasks; null when it does.
  const std::string* why_not_admitted(const std::string& worker) const noexcept;
  Admission admission_of(const std::string& worker) const noexcept;

  /// What is known of the worker's clock; null where the worker is not.
  ClockOffset* clock_of(const std::string& worker);

  /// How many are asking or working.
  std::size_t present(TimePoint now);

  /// How many are to be counted on.
  std::size_t reliable() const;

  /// All that are known, in no order.
  std::vector<WorkerView> list(TimePoint now) const;

 private:
  struct Entry;

  /// What a worker does, in the order in which they make place for another; who waits does not.
  enum Standing : std::size_t {
    silent_unproven,
    recent_unproven,  // seen within kAskingGrace
    holding_unproven,
    silent_proven,
    recent_proven,
    holding_proven,
    waits,
    set_aside,  // not admitted
  };

  struct Entry {
    std::size_t waiting = 0;
    std::size_t held = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    WorkerDescription description{};
    Admission admission = Admission::admitted;
    std::string reason{};
    TimePoint last_seen{};
    ClockOffset clock{};
    Standing standing = silent_unproven;
    std::list<const std::string*>::iterator place{};  // in the list of its standing
  };

  static WorkerState state_of(const Entry& entry, TimePoint now);
  Entry* find(const std::string& worker) noexcept;
  Entry& add(const std::string& worker);
  Standing standing_of(const Entry& entry) const noexcept;
  void stand(Entry& entry) noexcept;
  void settle(TimePoint now) noexcept;
  bool forget_one();
  void forget_first(std::list<const std::string*>& names);

  std::unordered_map<std::string, Entry> entries_;
  /// The names of those of each standing, in the order in which they came to it.
  std::array<std::list<const std::string*>, set_aside + 1> standings_;
  TimePoint settled_at_{};
};

}  // namespace enxame::coordinator
