#include "native-baseline/rpc/worker_server.h"

#include <Poco/Net/NetException.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <future>

#include "matmul/test/example.h"
#include "native-baseline/proxy/matmul_proxy.h"
#include "native-baseline/test/support.h"
#include "testing/eventually.h"

namespace enxame::rpc {
namespace {

using namespace std::chrono_literals;
using Poco::Net::StreamSocket;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

wire::Message receive(StreamSocket& socket) {
  wire::Message message{
      wire::parse_message_header(native::read_bytes(socket, wire::kMessageHeaderBytes), 1 << 20),
      {}};
  const std::string payload =
      native::read_bytes(socket, static_cast<std::size_t>(message.header.payload_bytes));
  message.payload.resize(payload.size());
  std::ranges::copy(payload, message.payload.data());
  return message;
}

/// What an honest client gets from the worker on `port`.
Matrix honest_product(std::uint16_t port) {
  StreamSocket socket = native::connect_to(port);
  native::write_all(socket, wire::encode_multiply(1, kA, kB));
  return wire::decode_product_matrix(receive(socket).payload.view(), {2, 2});
}

TEST(WorkerServerTest, AnswersManyCallsOfOneConnectionInTheirOrder) {
  native::TestWorker worker;
  StreamSocket socket = native::connect_to(worker.server.port());
  std::string requests;
  for (std::uint64_t id = 11; id < 31; ++id) requests += wire::encode_multiply(id, kA, kB);
  native::write_all(socket, requests);
  for (std::uint64_t id = 11; id < 31; ++id) {
    const wire::Message answer = receive(socket);
    EXPECT_EQ(answer.header.call_id, id);
    EXPECT_EQ(wire::decode_product_matrix(answer.payload.view(), {2, 2}), kC);
  }
}

TEST(WorkerServerTest, SaysWhenItReceivedAndSent) {
  native::TestWorker worker;
  StreamSocket socket = native::connect_to(worker.server.port());
  const Duration before = net::Clock::now().time_since_epoch();
  native::write_all(socket, wire::encode_multiply(1, kA, kB));
  const WorkerPhases phases = wire::decode_product_phases(receive(socket).payload.view());
  const Duration after = net::Clock::now().time_since_epoch();
  EXPECT_LT(before, phases.received_at);
  EXPECT_GE(phases.sent_at - phases.received_at, phases.total());
  EXPECT_LT(phases.sent_at, after);
}

TEST(WorkerServerTest, ComputesOneTaskAtATime) {
  native::HeldMatmul held;
  WorkerServer server({}, held);
  std::deque<StreamSocket> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(native::connect_to(server.port()));
    native::write_all(clients.back(), wire::encode_multiply(1, kA, kB));
  }
  held.wait_begun(1);
  EXPECT_FALSE(clients[1].poll(Poco::Timespan(0, 50'000), StreamSocket::SELECT_READ));
  EXPECT_EQ(held.begun(), 1);
  held.release();
  for (StreamSocket& client : clients)
    EXPECT_EQ(receive(client).header.kind, wire::MessageKind::product);
}

TEST(WorkerServerTest, ATaskThatCannotBeComputedIsRefusedAndTheConnectionStays) {
  native::TestWorker worker;
  StreamSocket socket = native::connect_to(worker.server.port());
  native::write_all(socket, wire::encode_multiply(5, kA, Matrix(3, 1)));
  const wire::Message shapes = receive(socket);
  EXPECT_EQ(shapes.header.kind, wire::MessageKind::refused);
  EXPECT_EQ(shapes.header.call_id, 5u);
  EXPECT_THAT(std::string(shapes.payload.view()), HasSubstr("2 × 2"));

  std::string bad_frame = wire::encode_multiply(6, kA, kB);
  bad_frame[wire::kMessageHeaderBytes] = 'X';
  native::write_all(socket, bad_frame);
  const wire::Message frame = receive(socket);
  EXPECT_EQ(frame.header.kind, wire::MessageKind::refused);
  EXPECT_THAT(std::string(frame.payload.view()), HasSubstr("magic"));

  native::write_all(socket, wire::encode_multiply(7, kA, kB));
  EXPECT_EQ(receive(socket).header.kind, wire::MessageKind::product);
}

class OutOfMemory : public native::Multiplier {
 public:
  void multiply(MatrixView, MatrixView, double*) override { throw std::bad_alloc(); }
};

TEST(WorkerServerTest, AWorkerThatCannotComputeSaysSo) {
  OutOfMemory matmul;
  WorkerServer server({}, matmul);
  StreamSocket socket = native::connect_to(server.port());
  native::write_all(socket, wire::encode_multiply(5, kA, kB));
  const wire::Message answer = receive(socket);
  EXPECT_EQ(answer.header.kind, wire::MessageKind::failed);
  EXPECT_EQ(answer.header.call_id, 5u);
}

TEST(WorkerServerTest, AMessageCutAtAnyByteHarmsNobodyElse) {
  native::TestWorker worker;
  const std::string request = wire::encode_multiply(1, kA, kB);
  for (std::size_t size = 0; size < request.size();
       size += size < wire::kMessageHeaderBytes ? 1 : 37) {
    StreamSocket socket = native::connect_to(worker.server.port());
    native::write_all(socket, std::string_view(request).substr(0, size));
    socket.shutdownSend();
    EXPECT_THAT(native::read_all(socket), IsEmpty()) << size;
  }
  EXPECT_EQ(honest_product(worker.server.port()), kC);
}

TEST(WorkerServerTest, EveryByteOfTheHeaderMayBeWrong) {
  native::TestWorker worker;
  for (std::size_t offset = 0; offset < wire::kMessageHeaderBytes; ++offset) {
    std::string request = wire::encode_multiply(1, kA, kB);
    request[offset] = static_cast<char>(request[offset] ^ 0xFF);
    try {
      StreamSocket socket = native::connect_to(worker.server.port());
      native::write_all(socket, request);
      socket.shutdownSend();
      native::read_all(socket);
    } catch (const Poco::Net::NetException&) {  // the worker may have hung up already
    }
  }
  EXPECT_EQ(honest_product(worker.server.port()), kC);
}

TEST(WorkerServerTest, GarbageIsAnsweredWithTheReasonAndTheEnd) {
  native::TestWorker worker;
  StreamSocket socket = native::connect_to(worker.server.port());
  native::write_all(socket, std::string(wire::kMessageHeaderBytes, 'G'));
  const wire::Message answer = receive(socket);
  EXPECT_EQ(answer.header.kind, wire::MessageKind::failed);
  EXPECT_EQ(answer.header.call_id, 0u);
  EXPECT_THAT(std::string(answer.payload.view()), HasSubstr("magic is 0x47474747"));
  EXPECT_THAT(native::read_all(socket), IsEmpty());
}

TEST(WorkerServerTest, AnAnswerSentToAWorkerIsAnError) {
  native::TestWorker worker;
  StreamSocket socket = native::connect_to(worker.server.port());
  native::write_all(socket, wire::encode_product(1, kC, {}));
  EXPECT_THAT(std::string(receive(socket).payload.view()), HasSubstr("expected multiply"));
}

TEST(WorkerServerTest, APromisedLengthIsNotBelievedBeforeItArrives) {
  WorkerServerOptions options;
  options.max_payload_bytes = std::size_t{1} << 60;
  native::TestWorker worker(options);
  for (const char* top_byte : {"\x10", "\x08", "\x01"}) {  // 2^60, 2^59, 2^56 bytes
    std::string head = wire::encode_multiply(1, kA, kB).substr(0, wire::kMessageHeaderBytes);
    head.replace(16, 8, std::string(7, '\0') + top_byte);
    StreamSocket socket = native::connect_to(worker.server.port());
    native::write_all(socket, head + "some bytes");
    socket.shutdownSend();
    EXPECT_THAT(native::read_all(socket), IsEmpty());
  }
  EXPECT_EQ(honest_product(worker.server.port()), kC);
}

TEST(WorkerServerTest, AClientThatWasSilentForLongIsAnsweredAllTheSame) {
  const native::TestWorker worker({.message_timeout = 20ms});
  native::MatmulProxy proxy({worker.address()});
  const Matrix large = random_matrix<double>({300, 300}, 1);
  proxy.multiply(large, large);
  std::this_thread::sleep_for(100ms);  // silent: there is no sign of it
  EXPECT_EQ(proxy.multiply(kA, kB).matrix, native::plain_product(kA, kB));
  EXPECT_EQ(proxy.multiply(large, large).matrix, native::plain_product(large, large));
}

TEST(WorkerServerTest, AMessageThatTakesTooLongEndsItsConnection) {
  WorkerServerOptions options;
  options.message_timeout = 100ms;
  native::TestWorker worker(options);
  StreamSocket idle = native::connect_to(worker.server.port());
  StreamSocket slow = native::connect_to(worker.server.port());
  const std::string request = wire::encode_multiply(1, kA, kB);
  bool cut_off = false;
  for (std::size_t i = 0; i < request.size() && !cut_off; ++i) {
    try {
      native::write_all(slow, request.substr(i, 1));
      cut_off = slow.poll(Poco::Timespan(0, 20'000), StreamSocket::SELECT_READ);
    } catch (const Poco::Net::NetException&) {
      cut_off = true;
    }
  }
  EXPECT_TRUE(cut_off);
  // Who says nothing at all may stay.
  native::write_all(idle, request);
  EXPECT_EQ(receive(idle).header.kind, wire::MessageKind::product);
}

TEST(WorkerServerTest, AClientThatDoesNotReadItsAnswerHoldsUpNobody) {
  WorkerServerOptions options;
  options.message_timeout = 300ms;
  native::TestWorker worker(options);
  StreamSocket deaf = native::connect_to(worker.server.port());
  native::write_all(deaf,
                    wire::encode_multiply(1, Matrix(1500, 1), Matrix(1, 1500)));  // 18 MB to read
  EXPECT_EQ(honest_product(worker.server.port()), kC);
  EXPECT_TRUE(worker.server.drain(10s));
}

TEST(WorkerServerTest, WhatAClientAskedForThatIsGoneIsNotComputed) {
  native::HeldMatmul held;
  WorkerServer server({}, held);
  StreamSocket busy = native::connect_to(server.port());
  native::write_all(busy, wire::encode_multiply(1, kA, kB));
  held.wait_begun(1);
  {
    StreamSocket leaving = native::connect_to(server.port());
    native::write_all(leaving, wire::encode_multiply(1, kA, kB));
  }
  StreamSocket staying = native::connect_to(server.port());
  native::write_all(staying, wire::encode_multiply(1, kA, kB));
  held.release();
  receive(busy);
  receive(staying);
  EXPECT_TRUE(server.drain(10s));
  EXPECT_EQ(held.begun(), 2);
}

TEST(WorkerServerTest, ConnectionsOverTheLimitAreToldSo) {
  WorkerServerOptions options;
  options.max_connections = 2;
  native::TestWorker worker(options);
  {
    StreamSocket first = native::connect_to(worker.server.port());
    StreamSocket second = native::connect_to(worker.server.port());
    StreamSocket third = native::connect_to(worker.server.port());
    EXPECT_THAT(std::string(receive(third).payload.view()),
                HasSubstr("all 2 connections are taken"));
    EXPECT_THAT(native::read_all(third), IsEmpty());
    native::write_all(second, wire::encode_multiply(1, kA, kB));
    EXPECT_EQ(receive(second).header.kind, wire::MessageKind::product);
  }
  // The server notices in its own time that they are gone.
  eventually([&] {
    StreamSocket again = native::connect_to(worker.server.port());
    native::write_all(again, wire::encode_multiply(1, kA, kB));
    return native::read_bytes(again, 8).substr(6, 1) == "\x02";
  });
}

TEST(WorkerServerTest, ThreadsEndWithTheirConnections) {
  native::TestWorker worker;
  honest_product(worker.server.port());
  const std::size_t before = native::thread_count();
  for (int i = 0; i < 200; ++i) {
    StreamSocket socket = native::connect_to(worker.server.port());
    native::write_all(socket, "ENX");
  }
  eventually([&] {
    honest_product(worker.server.port());
    return native::thread_count() <= before;
  });
}

TEST(WorkerServerTest, DrainingAnswersWhatHasArrivedAndAcceptsNoMore) {
  native::HeldMatmul held;
  WorkerServer server({}, held);
  StreamSocket idle = native::connect_to(server.port());
  StreamSocket computing = native::connect_to(server.port());
  native::write_all(computing, wire::encode_multiply(1, kA, kB));
  held.wait_begun(1);
  auto drained = std::async(std::launch::async, [&] { return server.drain(10s); });
  EXPECT_THAT(native::read_all(idle), IsEmpty());
  eventually([&] {  // a session that begins as the server drains ends before the port is closed
    try {
      native::connect_to(server.port());
      return false;
    } catch (const Poco::Net::NetException&) {
      return true;
    }
  });
  held.release();
  EXPECT_EQ(receive(computing).header.kind, wire::MessageKind::product);
  EXPECT_TRUE(drained.get());
}

TEST(WorkerServerTest, DrainingGivesUpWhenItsPatienceEnds) {
  native::HeldMatmul held;
  WorkerServer server({}, held);
  StreamSocket computing = native::connect_to(server.port());
  native::write_all(computing, wire::encode_multiply(1, kA, kB));
  held.wait_begun(1);
  EXPECT_FALSE(server.drain(10ms));
  held.release();
}

TEST(WorkerServerTest, SaysWhichAddressItCannotListenOn) {
  native::TestWorker worker;
  WorkerServerOptions options;
  options.port = worker.server.port();
  EXPECT_THAT([&] { native::TestWorker second(options); },
              ThrowsMessage<std::runtime_error>(
                  HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(options.port))));
}

}  // namespace
}  // namespace enxame::rpc
