#pragma once

#include <memory>

#include "wire/buffer.h"

namespace enxame::rpc {

/// Lends buffers whose memory was used before: for a large message, asking the system for memory
/// costs as much as filling it. Thread-safe; what is lent may outlive the pool.
class BufferPool {
 public:
  BufferPool();

  /// A buffer of whatever size; comes back when nobody holds it any more.
  std::shared_ptr<wire::Buffer> lend();

 private:
  class Spares;

  std::shared_ptr<Spares> spares_;
};

}  // namespace enxame::rpc
