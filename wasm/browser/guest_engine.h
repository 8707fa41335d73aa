#pragma once

#include <cstdint>

#include "matmul/matrix_view.h"
#include "worker/engine.h"

namespace enxame::browser {

/// An engine that is another WebAssembly module in this thread, the one that WASI runtimes run: it
/// gets the same messages as over stdin and stdout (site/guest.js).
class GuestEngine : public worker::Engine {
 public:
  /// Throws EngineError, too, when the module traps or ends, after which the next multiplication
  /// has it anew, or answers anything else than a product of that shape.
  Travel multiply(MatrixView a, MatrixView b, double* c) override;

 private:
  std::uint64_t last_call_ = 0;
};

}  // namespace enxame::browser
