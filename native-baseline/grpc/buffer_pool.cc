#include "native-baseline/grpc/buffer_pool.h"

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace enxame::rpc {

/// Buffers that nobody holds: a few, since who needs more at once is rare.
class BufferPool::Spares {
 public:
  wire::Buffer take() {
    const std::lock_guard lock(mutex_);
    if (buffers_.empty()) return {};
    wire::Buffer buffer = std::move(buffers_.back());
    buffers_.pop_back();
    return buffer;
  }

  void give_back(wire::Buffer buffer) {
    const std::lock_guard lock(mutex_);
    if (buffers_.size() < kMost) buffers_.push_back(std::move(buffer));
  }

 private:
  static constexpr std::size_t kMost = 4;

  std::mutex mutex_;
  std::vector<wire::Buffer> buffers_;
};

BufferPool::BufferPool() : spares_(std::make_shared<Spares>()) {}

std::shared_ptr<wire::Buffer> BufferPool::lend() {
  auto buffer = std::make_unique<wire::Buffer>(spares_->take());
  return {buffer.release(), [spares = spares_](wire::Buffer* returned) {
            spares->give_back(std::move(*returned));
            delete returned;
          }};
}

}  // namespace enxame::rpc
