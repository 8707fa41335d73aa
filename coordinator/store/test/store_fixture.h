#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "coordinator/store/payload.h"
#include "coordinator/store/task_observer.h"
#include "testing/eventually.h"

namespace enxame::coordinator {

/// A clock that stands still until a test moves it.
class ManualClock {
 public:
  void advance(std::chrono::milliseconds time) { since_start_ += time.count(); }
  std::chrono::steady_clock::time_point now() const {
    return std::chrono::steady_clock::time_point(std::chrono::hours(1)) +
           std::chrono::milliseconds(since_start_);
  }

 private:
  std::atomic<std::int64_t> since_start_ = 0;
};

/// A clock that goes as the real one does, but behind it, so that a test can move it forward,
/// though by no more than that: what is measured on both must not end before it began. A machine
/// has been up for longer.
class LaggingClock {
 public:
  static constexpr std::chrono::seconds kBehind{60};

  void advance(std::chrono::milliseconds time) { ahead_ += time.count(); }
  std::chrono::steady_clock::time_point now() const {
    return std::chrono::steady_clock::now() - kBehind + std::chrono::milliseconds(ahead_);
  }

 private:
  std::atomic<std::int64_t> ahead_ = 0;
};

/// Counts what a store tells.
class CountingObserver : public TaskObserver {
 public:
  void submitted(const TaskRecord&) noexcept override { ++submitted_; }
  void changed(const TaskChange& change) noexcept override {
    if (change.task.is_split()) {
      ++(change.event == TaskEvent::completed ? split_completed_ : split_failed_);
    } else {
      ++events_[static_cast<std::size_t>(change.event)];
    }
    if (change.task.is_tile() && change.event == TaskEvent::completed) ++tiles_;
    if (!change.task.is_tile() && change.task.state() == TaskState::failed) ++failed_;
  }
  void forgotten(const TaskRecord&) noexcept override { ++forgotten_; }

  /// How often that happened to tasks that workers take.
  std::uint64_t times(TaskEvent event) const { return events_[static_cast<std::size_t>(event)]; }
  std::uint64_t submitted() const { return submitted_; }
  std::uint64_t tiles() const { return tiles_; }
  std::uint64_t split_completed() const { return split_completed_; }
  std::uint64_t split_failed() const { return split_failed_; }
  std::uint64_t failed() const { return failed_; }
  std::uint64_t forgotten() const { return forgotten_; }

 private:
  std::array<std::atomic<std::uint64_t>, kTaskEvents> events_{};
  std::atomic<std::uint64_t> submitted_ = 0;
  std::atomic<std::uint64_t> tiles_ = 0;
  std::atomic<std::uint64_t> split_completed_ = 0;
  std::atomic<std::uint64_t> split_failed_ = 0;
  std::atomic<std::uint64_t> failed_ = 0;
  std::atomic<std::uint64_t> forgotten_ = 0;
};

inline constexpr std::chrono::milliseconds kNow{0};

/// Longer than any test waits for something that happens.
inline constexpr std::chrono::milliseconds kLong{30'000};

inline bool still_there() { return true; }

inline std::shared_ptr<const Operands> operands(std::size_t bytes = 10) {
  return std::make_shared<Operands>(Operands{Codec::json, std::string(bytes, 'x'), {1, 1}});
}

/// Of which text_product() is the product.
inline std::shared_ptr<const Operands> operands_of_one() {
  return std::make_shared<Operands>(parse_operands(Codec::json, R"({"A":"[[1]]","B":"[[1]]"})"));
}

inline Result text_product(std::string text = "[[1]]") { return {Codec::json, std::move(text)}; }

}  // namespace enxame::coordinator
