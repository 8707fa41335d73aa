#pragma once

#include <atomic>

#include "native-baseline/local/multiplier.h"

namespace enxame::native {

/// A worker that lies, for tests of those who must notice: while `lies`, the first element of every
/// product is wrong.
class CorruptingMultiplier : public Multiplier {
 public:
  /// Both must outlive this.
  CorruptingMultiplier(Multiplier& multiplier, const std::atomic<bool>& lies)
      : multiplier_(multiplier), lies_(lies) {}

  void multiply(MatrixView a, MatrixView b, double* c) override {
    multiplier_.multiply(a, b, c);
    if (lies_) c[0] += 1;
  }

 private:
  Multiplier& multiplier_;
  const std::atomic<bool>& lies_;
};

}  // namespace enxame::native
