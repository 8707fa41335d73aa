#include "native-baseline/grpc/grpc_server.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <future>

#include "matmul/test/example.h"
#include "native-baseline/grpc/envelope.h"
#include "native-baseline/grpc/grpc_transport.h"
#include "native-baseline/grpc/matmul.grpc.pb.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/test/support.h"
#include "testing/process.h"

namespace enxame::rpc {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// What a client has that knows nothing but grpc/matmul.proto.
class StubClient {
 public:
  explicit StubClient(const WorkerAddress& address)
      : stub_(proto::MatmulWorker::NewStub(
            grpc::CreateChannel(to_string(address), grpc::InsecureChannelCredentials()))) {}

  grpc::Status call(const std::string& message, std::string& answer) {
    grpc::ClientContext context;
    proto::Envelope request;
    request.set_message(message);
    proto::Envelope envelope;
    const grpc::Status status = stub_->Call(&context, request, &envelope);
    answer = envelope.message();
    return status;
  }

  grpc::Status call(const std::string& message) {
    std::string answer;
    return call(message, answer);
  }

 private:
  std::unique_ptr<proto::MatmulWorker::Stub> stub_;
};

TEST(GrpcServerTest, AnswersAClientOfGeneratedClasses) {
  const native::TestWorker worker({}, grpc_transport());
  StubClient client(worker.address());
  for (const std::size_t n : {1, 2, 40}) {
    const Matrix a = random_matrix<double>({n, n}, 1);
    std::string answer;
    const grpc::Status status = client.call(wire::encode_multiply(7, a, a), answer);
    ASSERT_TRUE(status.ok()) << status.error_message();
    const wire::MessageHeader header =
        wire::parse_message_header(answer.substr(0, wire::kMessageHeaderBytes), 1 << 20);
    EXPECT_EQ(header.kind, wire::MessageKind::product);
    EXPECT_EQ(header.call_id, 7u);
    EXPECT_EQ(wire::decode_product_matrix(answer.substr(wire::kMessageHeaderBytes), {n, n}),
              native::plain_product(a, a));
  }
}

TEST(GrpcServerTest, WhatIsNoMessageIsAnInvalidArgument) {
  const native::TestWorker worker({}, grpc_transport());
  StubClient client(worker.address());
  std::string long_header = wire::encode_multiply(1, kA, kB);
  long_header[16] = '\x7F';
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "begin with a message"},
      {"short", "a message of 5 bytes"},
      {std::string(64, 'G'), "magic is 0x47474747"},
      {wire::encode_product(1, kC, {}), "expected multiply"},
      {wire::encode_multiply(1, kA, kB).substr(0, 200), "bytes of payload in an envelope"},
      {wire::encode_multiply(1, kA, kB) + "x", "bytes of payload in an envelope"},
      {long_header, "bytes of payload in an envelope"}};
  for (const auto& [message, reason] : cases) {
    const grpc::Status status = client.call(message);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << reason;
    EXPECT_THAT(status.error_message(), HasSubstr(reason));
  }
  EXPECT_TRUE(client.call(wire::encode_multiply(1, kA, kB)).ok());
}

TEST(GrpcServerTest, ATaskThatCannotBeComputedIsAnAnswer) {
  const native::TestWorker worker({}, grpc_transport());
  std::string answer;
  ASSERT_TRUE(
      StubClient(worker.address()).call(wire::encode_multiply(5, kA, Matrix(3, 1)), answer).ok());
  EXPECT_EQ(wire::parse_message_header(answer.substr(0, wire::kMessageHeaderBytes), 1 << 20).kind,
            wire::MessageKind::refused);
  EXPECT_THAT(answer, HasSubstr("2 × 2"));
}

TEST(GrpcServerTest, MoreCallsThanMayWaitAreToldSo) {
  native::HeldMatmul held;
  const auto server = grpc_transport().serve({.max_connections = 1}, held);
  const WorkerAddress address{"127.0.0.1", server->port()};
  const auto ask = [&] { return StubClient(address).call(wire::encode_multiply(1, kA, kB)); };
  auto computing = std::async(std::launch::async, ask);
  held.wait_begun(1);
  std::vector<std::future<grpc::Status>> others;
  for (int i = 0; i < 3; ++i) others.push_back(std::async(std::launch::async, ask));
  // One may wait, so two are refused while nothing is computed.
  int refused = 0;
  while (refused < 2) {
    for (auto& other : others) {
      if (!other.valid() || other.wait_for(1ms) != std::future_status::ready) continue;
      EXPECT_EQ(other.get().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
      ++refused;
    }
  }
  held.release();
  EXPECT_TRUE(computing.get().ok());
  for (auto& other : others) EXPECT_TRUE(!other.valid() || other.get().ok());
}

TEST(GrpcServerTest, TasksAtTheSameTimeAreBoundedTogether) {
  WorkerServerOptions options;
  options.max_memory_bytes = std::size_t{128} << 20;  // of which tasks have half
  native::HeldMatmul held;
  const auto server = grpc_transport().serve(options, held);
  const WorkerAddress address{"127.0.0.1", server->port()};
  // 24 MB, of which the server has two copies; products are too large to be made at all.
  const std::string task = wire::encode_multiply(1, Matrix(1500, 2000), Matrix(2000, 1));
  auto first = std::async(std::launch::async, [&] { return StubClient(address).call(task); });
  held.wait_begun(1);
  const grpc::Status second = StubClient(address).call(task);
  EXPECT_EQ(second.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(second.error_message(), HasSubstr("try again later"));
  held.release();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(StubClient(address).call(wire::encode_multiply(1, kA, kB)).ok());
  std::string answer;
  EXPECT_TRUE(StubClient(address)
                  .call(wire::encode_multiply(1, Matrix(3000, 1), Matrix(1, 3000)), answer)
                  .ok());
  EXPECT_THAT(answer, HasSubstr("(--max-memory)"));
}

TEST(GrpcServerTest, GarbageOnItsPortHarmsNobody) {
  const native::TestWorker worker({}, grpc_transport());
  for (const std::string bytes :
       {"", "GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}) {
    Poco::Net::StreamSocket socket = native::connect_to(worker.address().port);
    native::write_all(socket, bytes + std::string(300, '\xFF'));
    socket.shutdownSend();
    native::read_all(socket);
  }
  EXPECT_TRUE(StubClient(worker.address()).call(wire::encode_multiply(1, kA, kB)).ok());
}

/// Answers every call with the same bytes.
class Parrot : public proto::MatmulWorker::Service {
 public:
  explicit Parrot(std::string answer) : answer_(std::move(answer)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Parrot() override { server_->Shutdown(); }

  WorkerAddress address() const { return {"127.0.0.1", static_cast<std::uint16_t>(port_)}; }

 private:
  grpc::Status Call(grpc::ServerContext*, const proto::Envelope*,
                    proto::Envelope* answer) override {
    answer->set_message(answer_);
    return grpc::Status::OK;
  }

  const std::string answer_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST(GrpcConnectionTest, NonsenseFromAWorkerIsNamed) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "begin with a message"},
      {std::string(200, 'H'), "magic is 0x48484848"},
      {wire::encode_product(99, kC, {}), "as the answer to call"},
      {wire::encode_product(1, Matrix(2, 3), {}), "product is 2 × 3, expected 2 × 2"},
      {wire::encode_multiply(1, kA, kB), "kind multiply"},
      {wire::encode_product(1, kC, {}).replace(128, 4, "XXXX"), "frame: magic"},
      {wire::encode_error(wire::MessageKind::failed, 1, "no memory"), "no memory"}};
  for (const auto& [answer, complaint] : cases) {
    const Parrot bad(answer);
    native::MatmulProxy proxy({bad.address()}, {.transport = &grpc_transport()});
    EXPECT_THAT([&] { proxy.multiply(kA, kB); },
                ThrowsMessage<native::WorkersUnavailable>(HasSubstr(complaint)));
  }
}

TEST(EnvelopeTest, IsTheOneOfTheInterface) {
  const Matrix a = random_matrix<double>({30, 30}, 1);
  const wire::OutgoingMessage message = wire::outgoing_multiply(3, a, kA);
  proto::Envelope expected;
  expected.set_message(message.joined());
  for (const grpc::ByteBuffer& envelope :
       {pack(message, std::make_shared<wire::Buffer>()),
        pack_in_place(message, std::make_shared<wire::Buffer>())}) {
    std::vector<grpc::Slice> slices;
    ASSERT_TRUE(envelope.Dump(&slices).ok());
    std::string bytes;
    for (const grpc::Slice& slice : slices) {
      bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    EXPECT_EQ(bytes, expected.SerializeAsString());
    wire::Message read{};
    unpack(envelope, 1 << 20, read);
    EXPECT_EQ(read.header.call_id, 3u);
    EXPECT_EQ(read.payload.view(), message.joined().substr(wire::kMessageHeaderBytes));
  }
}

TEST(EnvelopeTest, BytesBehindTheMessageAreRefused) {
  const grpc::Slice slices[] = {grpc::Slice(std::string("\x0A\x40", 2) +
                                            wire::encode_error(wire::MessageKind::failed, 1, "")),
                                grpc::Slice("more")};
  wire::Message message{};
  EXPECT_THROW(unpack(grpc::ByteBuffer(slices, 2), 1 << 20, message), wire::ProtocolError);
  unpack(grpc::ByteBuffer(slices, 1), 1 << 20, message);
  EXPECT_EQ(message.header.kind, wire::MessageKind::failed);
}

/// gRPC would wait for a thread of its own that polls what was sent.
TEST(GrpcServerTest, AProgramEndsAtOnceAfterALargeMessage) {
  const Matrix large = random_matrix<double>({1024, 1024}, 1);
  for (int i = 0; i < 3; ++i) {
    testing::Process worker({MATMUL_WORKER, "--transport", "grpc"});
    {
      native::MatmulProxy proxy({parse_worker_address(worker.listening_on())},
                                {.transport = &grpc_transport()});
      proxy.multiply(large, large);
    }
    const auto told_at = std::chrono::steady_clock::now();
    worker.send(SIGTERM);
    EXPECT_EQ(worker.wait(), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - told_at, 3s);
  }
}

}  // namespace
}  // namespace enxame::rpc
