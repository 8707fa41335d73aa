#pragma once

#include <cstddef>

#include "matmul/timing/phases.h"
#include "wire/message.h"

namespace enxame::rpc {

/// One task that was answered.
struct TaskReport {
  wire::MessageKind outcome = wire::MessageKind::failed;  ///< product, refused or failed
  Duration queue{};                                       ///< received whole, until its turn came
  WorkerPhases phases;                                    ///< whole only when there is a product
  std::size_t received_bytes = 0;                         ///< header and payload
  std::size_t sent_bytes = 0;                             ///< header and payload
};

/// Is told what a worker does, by many threads at a time: what it does with the news should be
/// quick. Must not throw.
class WorkerObserver {
 public:
  virtual ~WorkerObserver() = default;

  /// A connection was taken on, or turned away because there was no place for it.
  virtual void opened() noexcept = 0;
  virtual void turned_away() noexcept = 0;
  /// A connection that was taken on is over.
  virtual void closed() noexcept = 0;
  /// The answer to a task is ready to be sent.
  virtual void answered(const TaskReport& report) noexcept = 0;
};

}  // namespace enxame::rpc
