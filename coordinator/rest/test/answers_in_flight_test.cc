// What the coordinator makes in order to send it is bounded, whoever it is for and however slowly
// they read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/push/test/push_peer.h"
#include "coordinator/rest/test/api_server.h"
#include "coordinator/store/test/store_fixture.h"
#include "http/test/raw_peer.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"

namespace enxame::coordinator {
namespace {

using http::RawPeer;
using http::status_of;
using testing::HasSubstr;
using wire::MessageKind;

// As frames of f64 11.5 MB, which no socket takes at once, made from a matrix of as many: an answer
// has room, another copy beside it does not.
constexpr std::size_t kRows = 1200;
constexpr std::size_t kInFlight = std::size_t{28} << 20;

Matrix ones(Shape shape) { return {shape, Matrix::Values(shape.size(), 1)}; }

class AnswersInFlight : public testing::Test {
 protected:
  /// A product in JSON, of a task that came over REST or a WebSocket.
  void complete_next() {
    const auto claim = broker().claim("w", kLong, still_there);
    ASSERT_TRUE(claim);
    broker().complete(*claim, "w", text_product(encode_text(ones({kRows, kRows}))), {});
  }
  TaskBroker& broker() { return server_.broker(); }

  static std::string ask(TaskId id) {
    return "GET /result/" + std::to_string(id) +
           " HTTP/1.1\r\nAccept: application/octet-stream\r\n\r\n";
  }

  ApiServer server_{{.http = {.max_in_flight_bytes = kInFlight, .log = [](std::string_view) {}},
                     .max_product_bytes = std::size_t{256} << 20}};
  const Matrix column_ = ones({kRows, 1});
  const Matrix row_ = ones({1, kRows});
};

TEST_F(AnswersInFlight, WhatIsTranslatedCounts) {
  const std::string frames =
      wire::encode_multiply(1, column_, row_).substr(wire::kMessageHeaderBytes);
  const TaskId id = broker().submit(
      std::make_shared<Operands>(parse_operands(Codec::binary, std::string(frames))));
  complete_next();
  RawPeer slow(server_.port(), 64 * 1024);
  slow.send(ask(id));
  slow.receive_bytes(1);

  RawPeer second(server_.port());
  second.send(ask(id));
  EXPECT_EQ(status_of(second.receive_answer()), "503");

  PushPeer client(server_.url(), "role=client");
  client.submit(1, column_, row_);
  complete_next();
  const auto failed = client.receive();
  ASSERT_EQ(failed.header.kind, wire::MessageKind::failed);
  EXPECT_THAT(failed.payload, HasSubstr("--max-in-flight"));

  PushPeer worker(server_.url(), "role=worker&workerId=w1");
  broker().submit(std::make_shared<Operands>(
      Operands{Codec::json,
               R"({"A":")" + encode_text(ones({1, kRows * kRows / 2})) + R"(","B":")" +
                   encode_text(ones({kRows * kRows / 2, 1})) + R"("})",
               {1, 1}}));
  EXPECT_EQ(worker.receive_close(), 1013);

  EXPECT_EQ(broker().stats().queued, 1u) << "it lost nothing for want of room";

  // They have their turn when the slow one is gone.
  slow.receive_answer();
  second.send(ask(id));
  EXPECT_EQ(status_of(second.receive_answer()), "200");
}

TEST_F(AnswersInFlight, WhoWantsTheNextTaskHoldsNoRoomForItsAnswer) {
  const std::string frames =
      wire::encode_multiply(1, column_, row_).substr(wire::kMessageHeaderBytes);
  const TaskId id = broker().submit(
      std::make_shared<Operands>(parse_operands(Codec::binary, std::string(frames))));
  complete_next();
  // Each as a worker that answers for what is completed: with the product it would get 6 MB.
  std::vector<std::unique_ptr<RawPeer>> workers;
  for (int i = 0; i < 6; ++i) {
    workers.push_back(std::make_unique<RawPeer>(server_.port()));
    workers.back()->send("POST /task/" + std::to_string(id) +
                         "/result?next=1&wait=30000&workerId=" + std::to_string(i) +
                         " HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}");
  }
  const auto asking = [&] {
    const auto all = broker().workers(0, kNow, still_there);
    return std::ranges::count(all, WorkerState::asking, &WorkerView::state);
  };
  eventually([&] { return asking() >= 6; });
  RawPeer client(server_.port());
  client.send(ask(id));
  EXPECT_EQ(status_of(client.receive_answer()), "200");
}

TEST(AnswersBeyondAllRoom, AreAnAttemptOfTheirTaskWhichHoldsUpNobody) {
  constexpr std::size_t kRoom = std::size_t{2} << 20;
  ApiServer server{{.http = {.max_in_flight_bytes = kRoom, .log = [](std::string_view) {}},
                    .max_product_bytes = kRoom}};
  TaskBroker& broker = server.broker();
  const Matrix row = ones({1, 40'000});
  std::string frames;
  append_frame(row, frames);
  append_frame(ones({40'000, 1}), frames);  // 640 kB, and as text up to 2.6 MB
  const TaskId large =
      broker.submit(std::make_shared<Operands>(parse_operands(Codec::binary, std::move(frames))));
  const TaskId small = broker.submit(operands_of_one());
  RawPeer worker(server.port());
  const auto next = [&] {
    worker.send("GET /task/next?workerId=w1 HTTP/1.1\r\n\r\n");
    return worker.receive_answer();
  };
  for (int attempt = 0; attempt < 3; ++attempt) EXPECT_EQ(status_of(next()), "503");
  EXPECT_THAT(next(), HasSubstr("\"taskId\":" + std::to_string(small)));
  const TaskView failed = broker.look(large);
  EXPECT_EQ(failed.state, TaskState::failed);
  EXPECT_THAT(failed.error, HasSubstr("--max-in-flight"));
}

}  // namespace
}  // namespace enxame::coordinator
