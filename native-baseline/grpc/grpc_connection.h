#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "native-baseline/grpc/buffer_pool.h"
#include "native-baseline/rpc/worker_connection.h"

namespace enxame::rpc {

/// A connection over gRPC (grpc/matmul.proto), made when the first call needs it. The thread that
/// makes a call moves its bytes itself, so that an answer wakes nobody else.
class GrpcConnection : public WorkerConnection {
 public:
  GrpcConnection(const WorkerAddress& address, std::chrono::milliseconds connect_timeout,
                 std::size_t max_payload_bytes);

  wire::Message call(const wire::OutgoingMessage& request, net::TimePoint deadline) override;
  bool usable() const override;
  void close(const std::string& reason) override;
  void recycle(wire::Message&& answer) override;

 private:
  class Running;

  grpc::Status ask(const grpc::ByteBuffer& request, net::TimePoint deadline,
                   grpc::ByteBuffer& answer);
  void reconnect(const std::shared_ptr<grpc::Channel>& dead);
  std::shared_ptr<grpc::Channel> channel() const;

  const std::string target_;
  const std::chrono::milliseconds connect_timeout_;
  const std::size_t max_payload_bytes_;
  mutable std::mutex mutex_;
  std::shared_ptr<grpc::Channel> channel_;
  std::set<grpc::ClientContext*> running_;
  std::optional<std::string> closed_;
  BufferPool buffers_;
  wire::Buffer spare_;  ///< the memory of an answer that was read
};

}  // namespace enxame::rpc
