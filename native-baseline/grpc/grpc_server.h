#pragma once

#include <grpcpp/server.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

#include "native-baseline/rpc/server.h"
#include "native-baseline/rpc/task_runner.h"

namespace enxame::rpc {

/// A worker over gRPC (grpc/matmul.proto, callback API): computes one task at a time, in the order
/// in which they arrived; gRPC's own threads carry them. A call that is cancelled, or whose
/// deadline passed, is not computed any more.
///
/// gRPC decides about connections and stalled clients: of the options, `message_timeout` means
/// nothing here, `max_connections` bounds the calls that wait, beyond which one is answered
/// RESOURCE_EXHAUSTED, and the observer is told of tasks only.
class GrpcServer : public Server {
 public:
  /// A task takes its message, gRPC's copy of it and its product. As much as for tasks is for what
  /// arrives, since tasks hold what has arrived: they are turned down first.
  static constexpr MemoryDivision kMemory{
      .times_a_message = 3, .reserved = &MemoryParts::arriving, .one_in = 2};

  /// As WorkerServer's.
  GrpcServer(const WorkerServerOptions& options, native::Multiplier& multiplier);
  ~GrpcServer() override;
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  std::uint16_t port() const override { return port_; }
  bool drain(std::chrono::milliseconds patience) override;

 private:
  class Task;
  class Rooms;
  class Service;

  void note_cut_off();
  void take(std::shared_ptr<Task> task);
  void compute_tasks();
  void pass_turn();
  void compute(Task& task) noexcept;
  void answer(Task& task);

  const WorkerServerOptions options_;
  TaskRunner runner_;
  const std::shared_ptr<Rooms> rooms_;
  native::MemoryBudget::Share request_share_;  ///< of what request_ keeps
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::uint16_t port_ = 0;
  std::future<void> shutdown_;
  std::atomic<bool> draining_ = false;
  std::atomic<bool> all_answered_ = true;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Task>> waiting_;
  bool computing_ = false;
  bool ended_ = false;
  wire::Message request_;  ///< of the task that is computed, for its memory
  std::thread thread_;
};

}  // namespace enxame::rpc
