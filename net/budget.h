#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <utility>

#include "net/deadline.h"

namespace enxame::net {

/// The bytes that those who hold some of them may hold together: the connections of a server for
/// bodies or messages, its answers, the tasks of a worker. Each takes its share before it asks the
/// system for memory, which would not refuse it, but end the program later. Thread-safe.
class Budget {
 public:
  class Share;

  /// Not counted: every connection may hold so much of its own.
  static constexpr std::size_t kUncountedBytes = 64 * 1024;

  /// How far a body may fall behind the minimum rate before others may take its room.
  static constexpr std::chrono::milliseconds kStalledAfter{1'000};

  /// How long a body waits for room.
  static constexpr std::chrono::milliseconds kPatience{2'500};

  /// `minimum_rate`, in bytes per second, is that of a body that comes on.
  explicit Budget(std::size_t bytes, std::size_t minimum_rate = Pace::kMinimumRate)
      : bytes_(bytes), pace_{kStalledAfter, minimum_rate} {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  std::size_t bytes() const { return bytes_; }
  std::size_t held() const;

  /// Whether so much is held that nobody should keep memory for later.
  bool is_crowded() const { return held() > bytes_ / 2; }

 private:
  using Shares = std::list<Share*>;
  class Entry;
  class Waiting;

  bool has_room(std::size_t more) const { return more <= bytes_ - held_; }
  Share* longest_stalled(const Share* besides) const;
  TimePoint make_room(std::size_t more, const Share* besides);
  bool take(Share* share, std::size_t more);
  void fill(Share* share, TimePoint stalls_at) noexcept;
  void give_back(Share& share, std::size_t bytes) noexcept;

  const std::size_t bytes_;
  const Pace pace_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t held_ = 0;
  std::size_t given_up_ = 0;  // of held_: what interrupted shares are about to release
  Shares filling_;
  Shares waiting_;  // for room; the newest one, the last, gets it
};

/// A share's entry in a list, whose memory it brings along: entering cannot fail, not even when
/// there is no memory left. Guarded by the budget's mutex.
class Budget::Entry {
 public:
  explicit Entry(Share* share) : spare_{share} {}

  /// Does nothing where it is in a list already.
  void enter(Shares& list) noexcept { list.splice(list.end(), spare_); }

  /// `list` is the one that it has entered, if any.
  void leave(Shares& list) noexcept {
    if (spare_.empty()) spare_.splice(spare_.end(), list, at_);
  }

 private:
  Shares spare_;  // has the one node while no other list has it
  const Shares::iterator at_ = spare_.begin();
};

/// What one body, answer or task holds of a budget. One thread uses it at a time.
class Budget::Share {
 public:
  /// `interrupt` ends the reading of the body; called by another thread, with the budget locked. It
  /// never is where the share is only taken with try_hold().
  explicit Share(
      Budget& budget, std::function<void()> interrupt = [] {})
      : budget_(budget), interrupt_(std::move(interrupt)), filling_(this), waiting_(this) {}
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  ~Share() { release(); }

  /// Holds at least `bytes` from now on, of a body that is being received. Where there is no room
  /// for them, bodies that have fallen behind by kStalledAfter are interrupted, because their peer
  /// sends too little or for want of room, the one that has stalled for longest first. Of those
  /// that wait for room the newest gets it: whoever filled the budget before is not ahead of it.
  /// Returns false, and leaves the share as it is, when there is none in time.
  [[nodiscard]] bool hold(std::size_t bytes);

  /// As hold(), but at once or not at all: returns false when there is no room.
  [[nodiscard]] bool try_hold(std::size_t bytes);

  /// Holds `bytes` at most from now on.
  void shrink_to(std::size_t bytes) noexcept;

  /// What it holds.
  std::size_t held() const { return held_; }

  const Budget& budget() const { return budget_; }

  /// So much more of the body has come. Costs no lock.
  void moved(std::size_t bytes, TimePoint now = Clock::now()) noexcept;

  /// The body is complete: it has not stalled, however long it is used.
  void complete() noexcept;

  /// The body is done with, but its memory is kept for the next one, until another body needs the
  /// room.
  void keep() noexcept;

  /// The next one begins to come.
  void resume() noexcept;

  void release() noexcept;

  /// Whether another body took its room.
  bool interrupted() const { return interrupted_; }

 private:
  friend Budget;

  Budget& budget_;
  std::function<void()> interrupt_;
  std::atomic<bool> interrupted_ = false;
  bool is_used_ = false;  // what is not needs no lock

  // When the body will have fallen behind by kStalledAfter. Set by its own thread.
  std::atomic<TimePoint> stalls_at_{};

  // Guarded by the budget's mutex, but for `held_` to its own thread:
  std::size_t held_ = 0;
  Entry filling_;
  Entry waiting_;
};

}  // namespace enxame::net
