#include "native-baseline/grpc/grpc_server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <stdexcept>
#include <utility>

#include "native-baseline/grpc/channel_options.h"
#include "native-baseline/grpc/envelope.h"
#include "native-baseline/grpc/logging.h"
#include "native-baseline/grpc/matmul.grpc.pb.h"
#include "native-baseline/rpc/sessions.h"

namespace enxame::rpc {

using namespace std::chrono_literals;

namespace {

void check_kind(const MessageHeader& header) {
  if (header.kind == MessageKind::multiply) return;
  throw ProtocolError("a message of kind " + std::string(to_string(header.kind)) +
                      ", expected multiply");
}

}  // namespace

/// One call. It ends once: when it has been computed, or when it is cancelled, whoever comes first.
class GrpcServer::Task {
 public:
  /// Ends the call and tells what to do when gRPC has done with it.
  class Reactor : public grpc::ServerUnaryReactor {
   public:
    explicit Reactor(std::shared_ptr<Task> task) : task_(std::move(task)) {}

    void OnCancel() override {
      const grpc::Status cancelled(grpc::StatusCode::CANCELLED, "cancelled");
      if (task_->finish(cancelled, nullptr)) task_->server_.note_cut_off();
    }
    void OnDone() override { delete this; }

   private:
    const std::shared_ptr<Task> task_;
  };

  Task(GrpcServer& server, const grpc::ByteBuffer& request, grpc::ByteBuffer* answer)
      : server_(server), request_(request), answer_(answer) {}

  /// The reactor is gRPC's until it is done.
  Reactor* begin(const std::shared_ptr<Task>& self) {
    reactor_ = new Reactor(self);
    return reactor_;
  }

  /// Returns false when the call has ended already; `answer` is then not used.
  bool finish(const grpc::Status& status, const grpc::ByteBuffer* answer) {
    const std::lock_guard lock(mutex_);
    if (reactor_ == nullptr) return false;
    if (answer != nullptr) *answer_ = *answer;
    std::exchange(reactor_, nullptr)->Finish(status);
    return true;
  }

  bool ended() {
    const std::lock_guard lock(mutex_);
    return reactor_ == nullptr;
  }

  const grpc::ByteBuffer& request() const { return request_; }
  Stopwatch arrived() const { return arrived_; }

 private:
  GrpcServer& server_;
  const grpc::ByteBuffer request_;
  grpc::ByteBuffer* const answer_;
  const Stopwatch arrived_;
  std::mutex mutex_;
  Reactor* reactor_ = nullptr;  ///< until the call has ended
};

/// Takes requests and answers as bytes, without a generated message in between.
class GrpcServer::Service
    : public proto::MatmulWorker::WithRawCallbackMethod_Call<proto::MatmulWorker::Service> {
 public:
  explicit Service(GrpcServer& server) : server_(server) {}

  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext*, const grpc::ByteBuffer* request,
                                 grpc::ByteBuffer* answer) override {
    auto task = std::make_shared<Task>(server_, *request, answer);
    Task::Reactor* const reactor = task->begin(task);
    server_.take(std::move(task));
    return reactor;
  }

 private:
  GrpcServer& server_;
};

GrpcServer::GrpcServer(const WorkerServerOptions& options, Multiplier& multiplier)
    : options_(options),
      runner_(multiplier, options.max_payload_bytes, options.observer),
      service_(std::make_unique<Service>(*this)) {
  keep_grpc_quiet();
  const std::string address = to_string(WorkerAddress{options_.listen, options_.port});
  int port = 0;
  grpc::ServerBuilder builder;
  apply_channel_options(builder, options_.max_payload_bytes);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A peer whose machine vanished is noticed, even when nobody sends.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  // One client cannot fill the memory with calls that wait; more than these wait at the client.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 16);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  if (!server_ || port == 0) {
    listen_on(options_.listen, options_.port);  // gRPC keeps the reason to itself
    throw std::runtime_error("cannot listen on " + address + " for gRPC");
  }
  port_ = static_cast<std::uint16_t>(port);
  thread_ = std::thread([this] { compute_tasks(); });
}

GrpcServer::~GrpcServer() {
  drain(0ms);
  shutdown_.wait();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool GrpcServer::drain(std::chrono::milliseconds patience) {
  draining_ = true;
  if (!shutdown_.valid()) {
    // When its time is up gRPC cancels the calls that are left, which ends them; but it waits for
    // its thread that computes, which cannot be stopped.
    const auto deadline = std::chrono::system_clock::now() + patience;
    shutdown_ = std::async(std::launch::async, [this, deadline] { server_->Shutdown(deadline); });
  }
  return shutdown_.wait_for(patience) == std::future_status::ready && all_answered_;
}

/// Before the server is drained whoever cuts a call off does not want its answer.
void GrpcServer::note_cut_off() {
  if (draining_) all_answered_ = false;
}

/// Called by one of gRPC's threads. It computes the task itself where none is ahead of it:
/// handing it to another thread would cost a small task more than computing it. Of gRPC's
/// threads, of which there are two at least, one at most does so.
void GrpcServer::take(std::shared_ptr<Task> task) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= options_.max_connections) {
      task->finish(
          grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many calls wait for this worker"),
          nullptr);
      return;
    }
    if (computing_ || !waiting_.empty()) {
      waiting_.push_back(std::move(task));
      return;
    }
    computing_ = true;
  }
  compute(*task);
  pass_turn();
}

/// Computes what waits.
void GrpcServer::compute_tasks() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return !computing_ && (!waiting_.empty() || ended_); });
    if (waiting_.empty()) return;
    const std::shared_ptr<Task> task = std::move(waiting_.front());
    waiting_.pop_front();
    computing_ = true;
    lock.unlock();
    compute(*task);
    lock.lock();
    computing_ = false;
  }
}

void GrpcServer::pass_turn() {
  const std::lock_guard lock(mutex_);
  computing_ = false;
  // Under the lock: the server may be gone right after it.
  if (!waiting_.empty() || ended_) changed_.notify_all();
}

/// By one thread at a time, whose turn it is.
void GrpcServer::compute(Task& task) {
  Message& request = request_;
  try {
    // The answer refers to the product after this function, until gRPC has sent it.
    const std::shared_ptr<Buffer> product = buffers_.lend();
    const auto answer = runner_.run<OutgoingMessage>(
        task.arrived(), [&] { return !task.ended(); },
        [&](TaskReport& report) {
          Stopwatch watch;
          unpack(task.request(), options_.max_payload_bytes, request);
          check_kind(request.header);
          return runner_.multiply(request, *product, watch, report);
        },
        [&](MessageKind kind, const std::string& text) {
          return OutgoingMessage(request.header.call_id,
                                 encode_error(kind, request.header.call_id, text));
        });
    if (!answer) return;
    const grpc::ByteBuffer envelope = pack_in_place(*answer, product);
    task.finish(grpc::Status::OK, &envelope);
  } catch (const ProtocolError& error) {
    options_.log(std::string("call refused: ") + error.what());
    task.finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, error.what()), nullptr);
  }
}

}  // namespace enxame::rpc
