#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "native-baseline/local/memory_budget.h"
#include "native-baseline/origin_rpc/text_transport.h"
#include "native-baseline/origin_rpc/text_wire.h"
#include "native-baseline/proxy/transports.h"
#include "native-baseline/rpc/memory_parts.h"
#include "native-baseline/test/support.h"
#include "wire/kept_operand.h"

namespace enxame::rpc {
namespace {

using namespace rpc;
using Poco::Net::StreamSocket;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::size_t kMiB = std::size_t{1} << 20;

std::string refusal_of(native::MemoryBudget::Share& share, std::size_t bytes, bool for_ever) {
  try {
    share.grow_to(bytes);
  } catch (const native::NoRoom& error) {
    EXPECT_EQ(error.for_ever(), for_ever);
    return error.what();
  }
  return "no refusal";
}

TEST(MemoryBudgetTest, SharesComeBackWhenTheyEnd) {
  native::MemoryBudget memory(100);
  native::MemoryBudget::Share first(memory);
  first.grow_to(60);
  first.grow_to(10);
  EXPECT_EQ(memory.taken(), 60U);
  {
    native::MemoryBudget::Share second(memory);
    second.grow_by(40);
    EXPECT_THAT(
        refusal_of(second, 41, false),
        AllOf(HasSubstr("needs 41 bytes"), HasSubstr("of 100"), HasSubstr("100 are taken")));
    EXPECT_EQ(second.bytes(), 40U);
    EXPECT_THAT(refusal_of(second, 101, true), HasSubstr("more than the 100"));
    EXPECT_TRUE(memory.is_crowded());
  }
  first.shrink_to(50);
  EXPECT_EQ(memory.taken(), 50U);
  EXPECT_FALSE(memory.is_crowded());
}

TEST(MemoryBudgetTest, ManyThreadsNeverTakeMoreThanThereIs) {
  native::MemoryBudget memory(1000);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::size_t round = 0; round < 20'000; ++round) {
        native::MemoryBudget::Share share(memory);
        try {
          share.grow_by(300);
          share.grow_by(round % 300);
        } catch (const native::NoRoom&) {
        }
        ASSERT_LE(memory.taken(), 1000U);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(memory.taken(), 0U);
}

TEST(MemoryPartsTest, AreAllOfItAndHaveRoomForTheLargestTask) {
  for (const Transport* transport : native::transports()) {
    const MemoryDivision& memory = transport->traits().memory;
    for (const std::size_t payload : {1UL, 255UL, 100'000UL, 20 * kMiB, 1024 * kMiB}) {
      const std::size_t least = memory.least_memory_bytes(payload);
      const MemoryParts parts = memory.parts(least);
      EXPECT_EQ(parts.tasks + parts.operands + parts.arriving, least);
      EXPECT_GE(parts.tasks, memory.most_task_bytes(payload));
      EXPECT_GE(memory.most_payload_bytes(least), payload) << to_string(transport);
      EXPECT_LT(memory.most_payload_bytes(least - 16), payload) << to_string(transport);
    }
    EXPECT_EQ(memory.most_payload_bytes(0), 0U);
    EXPECT_GT(memory.least_memory_bytes(~0UL), std::size_t{1} << 56);
  }
}

/// Three quarters of it are for messages and products.
WorkerServerOptions with_memory(std::size_t bytes) {
  WorkerServerOptions options;
  options.max_memory_bytes = bytes;
  return options;
}

struct Answer {
  wire::MessageHeader header;
  std::string payload;
};

Answer held_answer(StreamSocket& socket) {
  const auto header =
      wire::parse_message_header(native::read_bytes(socket, wire::kMessageHeaderBytes), 64 * kMiB);
  return {header, native::read_bytes(socket, static_cast<std::size_t>(header.payload_bytes))};
}

void expect_product(StreamSocket& socket, std::uint64_t call_id) {
  native::write_all(socket, wire::encode_multiply(call_id, {{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}));
  const Answer answer = held_answer(socket);
  EXPECT_EQ(answer.header.kind, wire::MessageKind::product) << answer.payload;
  EXPECT_EQ(answer.header.call_id, call_id);
}

TEST(WorkerMemoryTest, ATaskBeyondAllMemoryFailsAndItsConnectionGoesOn) {
  const native::TestWorker worker(with_memory(4 * kMiB));
  StreamSocket socket = native::connect_to(worker.server.port());
  native::write_all(socket, wire::encode_multiply(7, Matrix(1000, 1000), Matrix(1000, 1)));
  const Answer answer = held_answer(socket);
  EXPECT_EQ(answer.header.kind, wire::MessageKind::failed);
  EXPECT_EQ(answer.header.call_id, 7U);
  EXPECT_THAT(answer.payload, HasSubstr("more than the 3145728 that all tasks may take"));
  expect_product(socket, 8);
}

TEST(WorkerMemoryTest, ASmallTaskWithAHugeProductIsNotComputed) {
  WorkerServerOptions options = with_memory(4 * kMiB);
  options.max_payload_bytes = 16 * kMiB;
  const native::TestWorker worker(options);
  StreamSocket socket = native::connect_to(worker.server.port());
  native::write_all(socket, wire::encode_multiply(1, Matrix(1000, 1), Matrix(1, 1000)));
  Answer answer = held_answer(socket);
  EXPECT_EQ(answer.header.kind, wire::MessageKind::failed);
  EXPECT_THAT(answer.payload, HasSubstr("(--max-memory)"));
  native::write_all(socket, wire::encode_multiply(2, Matrix(10'000, 1), Matrix(1, 10'000)));
  answer = held_answer(socket);
  EXPECT_EQ(answer.header.kind, wire::MessageKind::refused);
  EXPECT_THAT(answer.payload, HasSubstr("(--max-message)"));
  expect_product(socket, 3);
}

TEST(WorkerMemoryTest, TasksAtTheSameTimeAreBoundedTogether) {
  native::HeldMatmul held;
  const auto server = tcp_transport().serve(with_memory(4 * kMiB), held);
  const std::string task = wire::encode_multiply(1, Matrix(500, 500), Matrix(500, 1));  // 2 MB
  StreamSocket first = native::connect_to(server->port());
  native::write_all(first, task);
  held.wait_begun(1);
  StreamSocket second = native::connect_to(server->port());
  native::write_all(second, task);
  const Answer failed = held_answer(second);
  EXPECT_EQ(failed.header.kind, wire::MessageKind::failed);
  EXPECT_THAT(failed.payload, HasSubstr("are taken: try again later"));
  held.release();
  EXPECT_EQ(held_answer(first).header.kind, wire::MessageKind::product);
  // The first does not keep its memory, which others need.
  native::write_all(second, task);
  EXPECT_EQ(held_answer(second).header.kind, wire::MessageKind::product);
}

TEST(WorkerMemoryTest, AnOperandThatFindsNoRoomIsMissing) {
  const native::TestWorker worker(with_memory(4 * kMiB));
  StreamSocket socket = native::connect_to(worker.server.port());
  const Matrix b(1000, 1000);
  native::write_all(socket,
                    wire::outgoing_with_operand(5, wire::Digest{}, Matrix(1, 1000), b).joined());
  EXPECT_EQ(held_answer(socket).header.kind, wire::MessageKind::missing);
  expect_product(socket, 6);
}

const std::string kTextEnd(kTextTerminator);

std::string text_answer(const native::TestWorker& worker, const std::string& text) {
  StreamSocket socket = native::connect_to(worker.address().port);
  native::write_all(socket, text + kTextEnd);
  return native::read_all(socket);
}

TEST(WorkerMemoryTest, TextsAreBoundedAsMessagesAre) {
  WorkerServerOptions options = with_memory(kMiB);
  options.max_payload_bytes = 16 * kMiB;
  const native::TestWorker worker(options, text_transport());
  EXPECT_THAT(text_answer(worker, std::string(2 * kMiB, ' ')),
              AllOf(StartsWith("{\"failed\":"), HasSubstr("(--max-memory)")));
  std::string column = "[[1]";
  std::string row = "[[1";
  for (int i = 1; i < 600; ++i) {
    column += ",[1]";
    row += ",1";
  }
  const auto task = [&](const std::string& a, const std::string& b) {
    return R"({"method":"multiply","A":")" + a + R"(","B":")" + b + "\"}";
  };
  EXPECT_THAT(text_answer(worker, task(column + "]", row + "]]")),
              AllOf(StartsWith("{\"failed\":"), HasSubstr("(--max-memory)")));
  for (int i = 600; i < 1200; ++i) {
    column += ",[1]";
    row += ",1";
  }
  EXPECT_THAT(text_answer(worker, task(column + "]", row + "]]")),
              AllOf(StartsWith("{\"refused\":"), HasSubstr("(--max-message)")));
  EXPECT_THAT(text_answer(worker, task("[[2]]", "[[3]]")), StartsWith(R"({"result":"[[6]]")"));
}

}  // namespace
}  // namespace enxame::rpc
