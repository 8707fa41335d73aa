#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <mutex>

namespace enxame::native {

/// Lets a fixed number of threads through at a time, in the order in which they came.
class FifoGate {
 public:
  /// `places` is at least 1; throws std::invalid_argument otherwise.
  explicit FifoGate(std::size_t places);

  /// A place inside: blocks until those who came before are through and there is one, and gives it
  /// back when destroyed.
  class Pass {
   public:
    explicit Pass(FifoGate& gate) : gate_(gate) { gate_.enter(); }
    ~Pass() { gate_.leave(); }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

   private:
    FifoGate& gate_;
  };

  /// How many wait for a place.
  std::size_t waiting() const;

 private:
  struct Waiter {
    std::condition_variable called;
    bool may_enter = false;
  };

  void enter();
  void leave();

  mutable std::mutex mutex_;
  std::size_t free_places_;
  std::list<Waiter> waiting_;
};

}  // namespace enxame::native
