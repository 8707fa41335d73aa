#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "coordinator/store/memory_task_store.h"
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

inline constexpr std::chrono::milliseconds kNow{0};

/// Longer than any test waits for something that happens.
inline constexpr std::chrono::milliseconds kLong{30'000};

inline bool still_there() { return true; }

inline std::shared_ptr<const Operands> operands(std::size_t bytes = 10) {
  return std::make_shared<Operands>(Operands{Codec::json, std::string(bytes, 'x'), {1, 1}});
}

inline Completion completion(std::string product = "[[1]]") {
  return {std::make_shared<Result>(Result{Codec::json, std::move(product)}), {}};
}

}  // namespace enxame::coordinator
