#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "coordinator/broker/clock.h"
#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

/// A thread that has a store take back the tasks whose lease has run out, when it has.
class LeaseWatch : public TaskObserver {
 public:
  /// `store` and `clock` outlive this; `taken_back` is called whenever tasks may have come back.
  LeaseWatch(TaskStore& store, const Clock& clock, std::function<void()> taken_back);
  ~LeaseWatch() override;

  void changed(const TaskChange& change) noexcept override;

 private:
  void watch();
  std::optional<Duration> time_left() const;

  TaskStore& store_;
  const Clock& clock_;
  const std::function<void()> taken_back_;

  std::atomic<bool> rests_ = false;  // until a task is claimed
  std::mutex mutex_;                 // the store's is taken before it, never after
  bool claimed_ = false;
  bool stopping_ = false;
  std::condition_variable woken_;
  std::thread thread_;
};

}  // namespace enxame::coordinator
