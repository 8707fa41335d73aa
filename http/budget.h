#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <unordered_set>
#include <utility>
#include <vector>

#include "http/deadline.h"

namespace enxame::http {

/// The bytes that all connections of a server may hold together for bodies or messages.
/// Thread-safe.
class Budget {
 public:
  class Share;

  /// Not counted: every connection may hold so much of its own.
  static constexpr std::size_t kUncountedBytes = 64 * 1024;

  /// How long a body that does not come on is left alone when others need its room.
  static constexpr std::chrono::milliseconds kStalledAfter{1'000};

  /// How long a body waits for room.
  static constexpr std::chrono::milliseconds kPatience{2'500};

  explicit Budget(std::size_t bytes) : bytes_(bytes) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  std::size_t bytes() const { return bytes_; }
  std::size_t held() const;

 private:
  bool has_room(std::size_t more) const { return more <= bytes_ - held_; }
  Share* longest_stalled(const Share* besides) const;
  TimePoint make_room(std::size_t more, const Share* besides);
  bool take(Share* share, std::size_t more);
  void fill(Share* share, TimePoint moved_at);

  const std::size_t bytes_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t held_ = 0;
  std::size_t given_up_ = 0;  // of held_: what interrupted shares are about to release
  std::unordered_set<Share*> filling_;
  std::vector<Share*> waiting_;  // for room; the newest one, the last, gets it
};

/// What one body holds of a budget. One thread uses it.
class Budget::Share {
 public:
  /// `interrupt` ends the reading of the body; called by another thread, with the budget locked.
  Share(Budget& budget, std::function<void()> interrupt)
      : budget_(budget), interrupt_(std::move(interrupt)) {}
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  ~Share() { release(); }

  /// Holds at least `bytes` from now on, of a body that is being received. Where there is no room
  /// for them, bodies that have not come on for kStalledAfter are interrupted, because their peer
  /// sends nothing or for want of room, the one that has stood still for longest first. Of those
  /// that wait for room the newest gets it: whoever filled the budget before is not ahead of it.
  /// Throws Error 503 when there is none in time.
  void hold(std::size_t bytes);

  /// As hold(), but at once or not at all: returns false when there is no room.
  bool try_hold(std::size_t bytes);

  /// The body is complete: it has not stalled, however long it is used.
  void complete();

  /// The body is done with, but its memory is kept for the next one, until another body needs the
  /// room.
  void keep();

  /// The next one begins to come.
  void resume();

  void release() noexcept;

  /// Whether another body took its room.
  bool interrupted() const { return interrupted_; }

 private:
  friend Budget;

  Budget& budget_;
  std::function<void()> interrupt_;
  std::atomic<bool> interrupted_ = false;
  bool is_used_ = false;  // what is not needs no lock

  // Guarded by the budget's mutex, but for `held_` to its own thread:
  std::size_t held_ = 0;
  TimePoint moved_at_{};
};

}  // namespace enxame::http
