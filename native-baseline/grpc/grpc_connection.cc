#include "native-baseline/grpc/grpc_connection.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/security/credentials.h>

#include <utility>

#include "native-baseline/grpc/channel_options.h"
#include "native-baseline/grpc/envelope.h"
#include "native-baseline/grpc/library.h"

namespace enxame::rpc {
namespace {

/// Of grpc/matmul.proto.
constexpr const char* kCall = "/enxame.proto.MatmulWorker/Call";

std::shared_ptr<grpc::Channel> open_channel(const std::string& target,
                                            std::chrono::milliseconds connect_timeout,
                                            std::size_t max_payload_bytes) {
  grpc::ChannelArguments arguments = channel_arguments(max_payload_bytes);
  const int timeout_ms = static_cast<int>(connect_timeout.count());
  // Who is left alone for how long after a failure is the proxy's business.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, timeout_ms);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, timeout_ms);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

gpr_timespec to_timespec(net::TimePoint deadline) {
  if (deadline == net::kNever) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  const auto left = std::chrono::nanoseconds(deadline - net::Clock::now());
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(left.count(), GPR_TIMESPAN));
}

}  // namespace

/// A call that close() can reach.
class GrpcConnection::Running {
 public:
  explicit Running(GrpcConnection& owner) : owner_(owner) {
    const std::lock_guard lock(owner_.mutex_);
    if (owner_.closed_) throw net::ConnectionError(*owner_.closed_);
    owner_.running_.insert(&context_);
  }
  ~Running() {
    const std::lock_guard lock(owner_.mutex_);
    owner_.running_.erase(&context_);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  grpc::ClientContext& context() { return context_; }

 private:
  GrpcConnection& owner_;
  grpc::ClientContext context_;
};

GrpcConnection::GrpcConnection(const WorkerAddress& address,
                               std::chrono::milliseconds connect_timeout,
                               std::size_t max_payload_bytes)
    : target_("dns:///" + to_string(address)),
      connect_timeout_(connect_timeout),
      max_payload_bytes_(max_payload_bytes) {
  prepare_grpc();
  channel_ = open_channel(target_, connect_timeout_, max_payload_bytes_);
}

wire::Message GrpcConnection::call(const wire::OutgoingMessage& request, net::TimePoint deadline) {
  auto began = net::Clock::now();
  const grpc::ByteBuffer envelope = pack(request, buffers_.lend());
  grpc::ByteBuffer answer;
  const std::shared_ptr<grpc::Channel> used = channel();
  bool kept = used->GetState(false) == GRPC_CHANNEL_READY;
  grpc::Status status = ask(envelope, deadline, answer);
  if (kept && status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    // Nobody watches a connection between calls: it may have died long ago, and its worker be back.
    reconnect(used);
    kept = false;
    began = net::Clock::now();
    status = ask(envelope, deadline, answer);
  }
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    throw net::TimedOut("no answer in time");
  }
  // gRPC does not say whether a connection was refused or only not made in time.
  const auto long_enough = connect_timeout_ * 9 / 10;
  if (!kept && status.error_code() == grpc::StatusCode::UNAVAILABLE &&
      net::Clock::now() - began >= long_enough) {
    throw net::TimedOut("no connection within " + std::to_string(connect_timeout_.count()) + " ms");
  }
  if (!status.ok()) {
    const std::lock_guard lock(mutex_);
    throw net::ConnectionError(closed_ ? *closed_ : status.error_message());
  }
  wire::Message message{};
  {
    const std::lock_guard lock(mutex_);
    message.payload = std::move(spare_);
  }
  unpack(answer, max_payload_bytes_, message);
  if (message.header.call_id != request.call_id() || !is_answer(message.header.kind)) {
    throw wire::ProtocolError("a message of kind " + std::string(to_string(message.header.kind)) +
                              " and call " + std::to_string(message.header.call_id) +
                              " as the answer to call " + std::to_string(request.call_id()));
  }
  return message;
}

grpc::Status GrpcConnection::ask(const grpc::ByteBuffer& request, net::TimePoint deadline,
                                 grpc::ByteBuffer& answer) {
  Running running(*this);
  running.context().set_deadline(to_timespec(deadline));
  const grpc::internal::RpcMethod method(kCall, grpc::internal::RpcMethod::NORMAL_RPC);
  return grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      channel().get(), method, &running.context(), request, &answer);
}

void GrpcConnection::reconnect(const std::shared_ptr<grpc::Channel>& dead) {
  const std::lock_guard lock(mutex_);
  if (channel_ == dead) channel_ = open_channel(target_, connect_timeout_, max_payload_bytes_);
}

std::shared_ptr<grpc::Channel> GrpcConnection::channel() const {
  const std::lock_guard lock(mutex_);
  return channel_;
}

bool GrpcConnection::usable() const {
  const std::lock_guard lock(mutex_);
  return !closed_;
}

void GrpcConnection::close(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  closed_ = reason;
  for (grpc::ClientContext* const context : running_) context->TryCancel();
}

void GrpcConnection::recycle(wire::Message&& answer) {
  const std::lock_guard lock(mutex_);
  if (answer.payload.capacity() > spare_.capacity()) spare_ = std::move(answer.payload);
}

}  // namespace enxame::rpc
