#include "native-baseline/bench/grpc_echo.h"

#include <google/protobuf/arena.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/support/message_allocator.h>

#include <iostream>
#include <stdexcept>
#include <string>

#include "native-baseline/grpc/channel_options.h"
#include "native-baseline/grpc/matmul.grpc.pb.h"

namespace enxame::native {
namespace {

using google::protobuf::Arena;
using grpc::ByteBuffer;
using proto::Envelope;
using proto::MatmulWorker;

Envelope envelope_of(std::size_t bytes) {
  Envelope envelope;
  envelope.set_message(std::string(bytes, 'x'));
  return envelope;
}

ByteBuffer bytes_of(std::size_t bytes) {
  const grpc::Slice slice(envelope_of(bytes).SerializeAsString());
  return {&slice, 1};
}

std::shared_ptr<grpc::Channel> open_channel(const rpc::WorkerAddress& server) {
  return grpc::CreateCustomChannel(to_string(server), grpc::InsecureChannelCredentials(),
                                   rpc::channel_arguments(wire::kDefaultMaxPayloadBytes));
}

void check(const grpc::Status& status) {
  if (!status.ok()) throw std::runtime_error("echo: " + status.error_message());
}

class GrpcEcho : public Echo {
 public:
  GrpcEcho(const rpc::WorkerAddress& server, Sizes sizes)
      : channel_(open_channel(server)), request_(bytes_of(sizes.request)) {}

  void round_trip() override {
    grpc::ClientContext context;
    ByteBuffer answer;
    const grpc::internal::RpcMethod method("/enxame.proto.MatmulWorker/Call",
                                           grpc::internal::RpcMethod::NORMAL_RPC);
    check(grpc::internal::BlockingUnaryCall<ByteBuffer, ByteBuffer>(channel_.get(), method,
                                                                    &context, request_, &answer));
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  ByteBuffer request_;
};

class StubEcho : public Echo {
 public:
  StubEcho(const rpc::WorkerAddress& server, Sizes sizes)
      : stub_(MatmulWorker::NewStub(open_channel(server))), request_(envelope_of(sizes.request)) {}

  void round_trip() override {
    grpc::ClientContext context;
    check(stub_->Call(&context, request_, &answer_));
  }

 private:
  std::unique_ptr<MatmulWorker::Stub> stub_;
  Envelope request_;
  Envelope answer_;
};

class RawService : public MatmulWorker::WithRawCallbackMethod_Call<MatmulWorker::Service> {
 public:
  explicit RawService(std::size_t answer_bytes) : answer_(bytes_of(answer_bytes)) {}

  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context, const ByteBuffer*,
                                 ByteBuffer* answer) override {
    *answer = answer_;
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const ByteBuffer answer_;
};

class StubService : public MatmulWorker::CallbackService {
 public:
  explicit StubService(std::size_t answer_bytes) : answer_(answer_bytes, 'y') {}

  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context, const Envelope*,
                                 Envelope* answer) override {
    answer->set_message(answer_);
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const std::string answer_;
};

class ArenaAllocator : public grpc::MessageAllocator<Envelope, Envelope> {
 public:
  grpc::MessageHolder<Envelope, Envelope>* AllocateMessages() override { return new Holder; }

 private:
  class Holder : public grpc::MessageHolder<Envelope, Envelope> {
   public:
    Holder() {
      set_request(Arena::CreateMessage<Envelope>(&arena_));
      set_response(Arena::CreateMessage<Envelope>(&arena_));
    }
    void Release() override { delete this; }

   private:
    Arena arena_;
  };
};

[[noreturn]] void serve_with(grpc::Service& service) {
  int port = 0;
  grpc::ServerBuilder builder;
  rpc::apply_channel_options(builder, wire::kDefaultMaxPayloadBytes);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  std::cout << "listening on 127.0.0.1:" << port << std::endl;
  wait_until_killed();
}

}  // namespace

std::unique_ptr<Echo> open_grpc_echo(const rpc::WorkerAddress& server, Sizes sizes) {
  return std::make_unique<GrpcEcho>(server, sizes);
}

std::unique_ptr<Echo> open_grpc_stub_echo(const rpc::WorkerAddress& server, Sizes sizes) {
  return std::make_unique<StubEcho>(server, sizes);
}

void serve_grpc_echo(Sizes sizes) {
  RawService service(sizes.answer);
  serve_with(service);
}

void serve_grpc_stub_echo(Sizes sizes) {
  ArenaAllocator allocator;
  StubService service(sizes.answer);
  service.SetMessageAllocatorFor_Call(&allocator);
  serve_with(service);
}

}  // namespace enxame::native
