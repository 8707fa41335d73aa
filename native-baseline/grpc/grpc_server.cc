#include "native-baseline/grpc/grpc_server.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <array>
#include <new>
#include <stdexcept>
#include <utility>

#include "native-baseline/grpc/channel_options.h"
#include "native-baseline/grpc/envelope.h"
#include "native-baseline/grpc/library.h"
#include "native-baseline/grpc/matmul.grpc.pb.h"
#include "native-baseline/rpc/worker_address.h"
#include "net/listening.h"

namespace enxame::rpc {

using namespace std::chrono_literals;

namespace {

void check_kind(const wire::MessageHeader& header) {
  if (header.kind == wire::MessageKind::multiply) return;
  throw wire::ProtocolError("a message of kind " + std::string(to_string(header.kind)) +
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
      : server_(server), request_(request), answer_(answer), share_(server.runner_.memory()) {}

  /// Takes the memory of the request. Throws NoRoom.
  void take_room() { share_.grow_to(request_.Length()); }

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
  native::MemoryBudget::Share share_;
  std::mutex mutex_;
  Reactor* reactor_ = nullptr;  ///< until the call has ended
};

/// Rooms for products whose memory was used before: a few, and none while memory is short.
class GrpcServer::Rooms : public std::enable_shared_from_this<GrpcServer::Rooms> {
 public:
  /// What is lent may outlive the server.
  std::shared_ptr<TaskRunner::Room> lend(const native::MemoryBudget& memory) {
    std::unique_ptr<TaskRunner::Room> room = take();
    if (!room) room = std::make_unique<TaskRunner::Room>(memory);
    return {room.release(), [self = shared_from_this()](TaskRunner::Room* returned) {
              self->give_back(std::unique_ptr<TaskRunner::Room>(returned));
            }};
  }

 private:
  static constexpr std::size_t kMost = 4;

  std::unique_ptr<TaskRunner::Room> take() {
    const std::lock_guard lock(mutex_);
    for (std::unique_ptr<TaskRunner::Room>& spare : spares_) {
      if (spare) return std::move(spare);
    }
    return nullptr;
  }

  void give_back(std::unique_ptr<TaskRunner::Room> room) {
    if (room->share.is_crowded()) return;
    const std::lock_guard lock(mutex_);
    for (std::unique_ptr<TaskRunner::Room>& spare : spares_) {
      if (!spare) {
        spare = std::move(room);
        return;
      }
    }
  }

  std::mutex mutex_;
  std::array<std::unique_ptr<TaskRunner::Room>, kMost> spares_;
};

/// Takes requests and answers as bytes, without a generated message in between.
class GrpcServer::Service
    : public proto::MatmulWorker::WithRawCallbackMethod_Call<proto::MatmulWorker::Service> {
 public:
  explicit Service(GrpcServer& server) : server_(server) {}

  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context,
                                 const grpc::ByteBuffer* request,
                                 grpc::ByteBuffer* answer) override {
    // What is thrown here would end gRPC's thread, and with it the program.
    try {
      auto task = std::make_shared<Task>(server_, *request, answer);
      Task::Reactor* const reactor = task->begin(task);
      server_.take(std::move(task));
      return reactor;
    } catch (const std::exception& error) {  // nothing but memory, and before the task has begun
      grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
      reactor->Finish(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, error.what()));
      return reactor;
    }
  }

 private:
  GrpcServer& server_;
};

GrpcServer::GrpcServer(const WorkerServerOptions& options, native::Multiplier& multiplier)
    : options_(options),
      runner_(multiplier, options, kMemory.parts(options.max_memory_bytes)),
      rooms_(std::make_shared<Rooms>()),
      request_share_(runner_.memory()),
      service_(std::make_unique<Service>(*this)) {
  prepare_grpc();
  const std::string address = to_string(WorkerAddress{options_.listen, options_.port});
  int port = 0;
  grpc::ServerBuilder builder;
  apply_channel_options(builder, options_.max_payload_bytes);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A peer whose machine vanished is noticed, even when nobody sends.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  // One client cannot fill the memory with calls that wait; more than these wait at the client.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 16);
  grpc::ResourceQuota quota("enxame-worker");
  builder.SetResourceQuota(quota.Resize(kMemory.parts(options_.max_memory_bytes).arriving));
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  if (!server_ || port == 0) {
    net::listen_on(options_.listen, options_.port);  // gRPC keeps the reason to itself
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
  const auto turn_down = [&](const std::string& reason) {
    task->finish(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, reason), nullptr);
  };
  try {
    task->take_room();
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= options_.max_connections) {
      return turn_down("too many calls wait for this worker");
    }
    if (computing_ || !waiting_.empty()) {
      waiting_.push_back(task);
      return;
    }
    computing_ = true;
  } catch (const native::NoRoom& error) {
    return turn_down(error.what());
  } catch (const std::bad_alloc&) {
    return turn_down("out of memory");
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

/// By one thread at a time, whose turn it is. Throws nothing, since nobody is there to catch it.
void GrpcServer::compute(Task& task) noexcept {
  using grpc::StatusCode;
  const auto fail = [&](StatusCode code, const char* reason) {
    try {
      task.finish(grpc::Status(code, reason), nullptr);
    } catch (const std::bad_alloc&) {
      task.finish(grpc::Status(code, ""), nullptr);
    }
  };
  try {
    answer(task);
  } catch (const wire::ProtocolError& error) {
    log_quietly(options_, "call refused: ", error.what());
    fail(StatusCode::INVALID_ARGUMENT, error.what());
  } catch (const std::bad_alloc&) {
    fail(StatusCode::RESOURCE_EXHAUSTED, "out of memory");
  } catch (const std::exception& error) {
    fail(StatusCode::INTERNAL, error.what());
  }
  if (runner_.memory().is_crowded()) {
    request_.payload = wire::Buffer();
    request_share_.shrink_to(0);
  }
}

void GrpcServer::answer(Task& task) {
  wire::Message& request = request_;
  // The answer refers to the product after this function, until gRPC has sent it.
  const std::shared_ptr<TaskRunner::Room> room = rooms_->lend(runner_.memory());
  const auto answer = runner_.run<wire::OutgoingMessage>(
      task.arrived(), [&] { return !task.ended(); },
      [&](TaskReport& report) {
        Stopwatch watch;
        request_share_.grow_to(task.request().Length());
        unpack(task.request(), options_.max_payload_bytes, request);
        check_kind(request.header);
        return runner_.multiply(request, *room, watch, report);
      },
      [&](wire::MessageKind kind, const std::string& text) {
        return wire::OutgoingMessage(request.header.call_id,
                                     wire::encode_error(kind, request.header.call_id, text));
      });
  if (!answer) return;
  const grpc::ByteBuffer envelope = pack_in_place(*answer, {room, &room->product});
  task.finish(grpc::Status::OK, &envelope);
}

}  // namespace enxame::rpc
