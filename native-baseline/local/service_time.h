#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "native-baseline/local/multiplier.h"

namespace enxame::native {

/// Holds every task for at least a fixed time: computes it, then waits for the rest, which costs no
/// processor. With it coordination can be measured beyond the number of cores.
class ServiceTime : public Multiplier {
 public:
  /// `multiplier` must outlive this.
  ServiceTime(Multiplier& multiplier, std::chrono::milliseconds time)
      : multiplier_(multiplier), time_(time) {}

  void multiply(MatrixView a, MatrixView b, double* c) override;

  /// Lets go of the task that is held; from now on none is. Any thread may call this.
  void end();

 private:
  Multiplier& multiplier_;
  const std::chrono::milliseconds time_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
};

}  // namespace enxame::native
