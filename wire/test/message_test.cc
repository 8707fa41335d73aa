#include "wire/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "matmul/codec/binary_codec.h"

namespace enxame::wire {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const Matrix kA{{1, 2}, {3, 4}};
const Matrix kB{{5, 6, 7}, {8, 9, 10}};

std::string_view head_of(const std::string& message) {
  return std::string_view(message).substr(0, kMessageHeaderBytes);
}

std::string_view payload_of(const std::string& message) {
  return std::string_view(message).substr(kMessageHeaderBytes);
}

TEST(MessageTest, MultiplyReadsBackAsItWasWritten) {
  const std::string message = encode_multiply(7, kA, kB);
  const MessageHeader header = parse_message_header(head_of(message), 1 << 20);
  EXPECT_EQ(header.kind, MessageKind::multiply);
  EXPECT_EQ(header.call_id, 7u);
  EXPECT_EQ(header.payload_bytes, message.size() - kMessageHeaderBytes);
  EXPECT_EQ(header.payload_bytes, multiply_payload_bytes(kA.shape(), kB.shape()));
  const Factors factors = decode_multiply(payload_of(message));
  EXPECT_EQ(factors.a, kA);
  EXPECT_EQ(factors.b, kB);
}

TEST(MessageTest, ProductCarriesThePhasesAndMeasuresItsOwnEncoding) {
  const std::string message = encode_product(9, kB, {3us, 5ms, 0ns});
  const MessageHeader header = parse_message_header(head_of(message), 1 << 20);
  EXPECT_EQ(header.kind, MessageKind::product);
  EXPECT_EQ(header.payload_bytes, product_payload_bytes(kB.shape()));
  const WorkerPhases phases = decode_product_phases(payload_of(message));
  EXPECT_EQ(phases.decode, 3us);
  EXPECT_EQ(phases.compute, 5ms);
  EXPECT_GT(phases.encode, 0ns);
  EXPECT_EQ(phases.received_at, 0ns);
  EXPECT_EQ(phases.sent_at, 0ns);
  EXPECT_EQ(decode_product_matrix(payload_of(message), {2, 3}), kB);
}

TEST(MessageTest, TheBytesAreThoseOfTheTable) {
  const std::string message = encode_error(MessageKind::failed, 0x0102030405060708, "no");
  const std::string expected = std::string("ENXR\1\0\4\0", 8) + "\x08\x07\x06\x05\x04\x03\x02\x01" +
                               std::string("\2\0\0\0\0\0\0\0", 8) + std::string(40, '\0') + "no";
  EXPECT_EQ(message, expected);
}

TEST(MessageTest, ProductCarriesWhenTheTaskCameAndWhenItsProductLeft) {
  WorkerPhases given;
  given.received_at = 1ns;
  const std::string message = encode_product(9, kB, given);
  const WorkerPhases phases = decode_product_phases(payload_of(message));
  EXPECT_EQ(phases.received_at, 1ns);
  EXPECT_GT(phases.sent_at, 1ns);
}

struct BadHeader {
  std::size_t offset;
  std::string bytes;
  std::string message;
};

class BadHeaderTest : public ::testing::TestWithParam<BadHeader> {};

TEST_P(BadHeaderTest, IsAProtocolErrorThatNamesTheField) {
  std::string message = encode_multiply(7, kA, kB);
  message.replace(GetParam().offset, GetParam().bytes.size(), GetParam().bytes);
  EXPECT_THAT([&] { parse_message_header(head_of(message), 1000); },
              ThrowsMessage<ProtocolError>(HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    EveryField, BadHeaderTest,
    ::testing::Values(BadHeader{0, "GET ", "magic is 0x47455420, expected 0x454e5852 (ENXR)"},
                      BadHeader{4, std::string("\2\0", 2), "version is 2, expected 1"},
                      BadHeader{6, std::string("\0\0", 2), "kind is 0, expected 1 to 10"},
                      BadHeader{6, std::string("\13\0", 2), "kind is 11, expected 1 to 10"},
                      BadHeader{8, std::string(8, '\0'), "call id of a multiply is 0"},
                      BadHeader{16, "\xE9\x03", "payload bytes is 1001, expected at most 1000"},
                      BadHeader{16, std::string(8, '\xFF'),
                                "payload bytes is 18446744073709551615"},
                      BadHeader{24, "\1", "header is not all zero"},
                      BadHeader{63, "\1", "header is not all zero"}));

TEST(MessageTest, AProductOfAnotherShapeIsRefused) {
  const std::string message = encode_product(1, kB, {});
  EXPECT_THAT(
      [&] {
        decode_product_matrix(payload_of(message), {3, 2});
      },
      ThrowsMessage<ProtocolError>(HasSubstr("product is 2 × 3, expected 3 × 2")));
}

TEST(MessageTest, WorkerPhasesThatCannotBeAreRefused) {
  std::string message = encode_product(1, kB, {});
  const std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
  std::memcpy(message.data() + kMessageHeaderBytes + 8, &huge, sizeof huge);
  EXPECT_THAT([&] { decode_product_phases(payload_of(message)); },
              ThrowsMessage<ProtocolError>(HasSubstr("compute is 18446744073709551615 ns")));
  EXPECT_THAT([&] { decode_product_phases(payload_of(message).substr(0, 63)); },
              ThrowsMessage<ProtocolError>(HasSubstr("63 bytes, expected at least 64")));
  std::memset(message.data() + kMessageHeaderBytes, 1, 1);
  message[kMessageHeaderBytes + 48] = 1;
  std::memset(message.data() + kMessageHeaderBytes + 8, 0, 8);
  EXPECT_THROW(decode_product_phases(payload_of(message)), ProtocolError);
}

TEST(MessageTest, AHeaderReadsBackAsItWasWritten) {
  for (const MessageKind kind :
       {MessageKind::multiply, MessageKind::delivered, MessageKind::submit}) {
    const auto bytes = message_header({kind, 11, 99});
    const MessageHeader header = parse_message_header({bytes.data(), bytes.size()}, 100);
    EXPECT_EQ(header.kind, kind);
    EXPECT_EQ(header.call_id, 11u);
    EXPECT_EQ(header.payload_bytes, 99u);
  }
}

TEST(MessageTest, ADeliverySaysWhereTheTimeWentAndWhoComputed) {
  const WorkerPhases phases{1ns, 2ns, 3ns, 4ns, 5ns};
  const Delivery delivery{6ns, 7ns, 8ns, 9ns, 10ns, 11ns, "w1"};
  const auto bytes = encode_delivered_head(phases, delivery);
  const std::string_view payload(bytes.data(), bytes.size());
  const WorkerPhases read = decode_product_phases(payload);
  EXPECT_EQ(read.decode, 1ns);
  EXPECT_EQ(read.sent_at, 5ns);
  const Delivery back = decode_delivery(payload);
  EXPECT_EQ(back.queue, 6ns);
  EXPECT_EQ(back.dispatch, 7ns);
  EXPECT_EQ(back.return_trip, 8ns);
  EXPECT_EQ(back.clock_error, 9ns);
  EXPECT_EQ(back.accepted_at, 10ns);
  EXPECT_EQ(back.finished_at, 11ns);
  EXPECT_EQ(back.worker, "w1");
}

TEST(MessageTest, ADeliveryThatCannotBeIsRefused) {
  auto bytes = encode_delivered_head({}, {.queue = -5ns, .worker = std::string(70, 'w')});
  const std::string_view payload(bytes.data(), bytes.size());
  EXPECT_EQ(decode_delivery(payload).queue, 0ns);
  EXPECT_EQ(decode_delivery(payload).worker, std::string(64, 'w'));
  EXPECT_THAT([&] { decode_delivery(payload.substr(0, 191)); },
              ThrowsMessage<ProtocolError>(HasSubstr("191 bytes, expected at least 192")));
  bytes[kWorkerPhasesBytes + 7] = '\x7f';
  EXPECT_THAT([&] { decode_delivery(payload); },
              ThrowsMessage<ProtocolError>(HasSubstr("queue is ")));
  bytes[kWorkerPhasesBytes + 7] = 0;
  bytes[kWorkerPhasesBytes + 63] = 1;
  EXPECT_THAT([&] { decode_delivery(payload); },
              ThrowsMessage<ProtocolError>(HasSubstr("delivery is not all zero")));
}

TEST(MessageTest, ASubmissionReadsBackAsItWasWritten) {
  auto bytes = encode_submission({2, 4});
  const std::string_view payload(bytes.data(), bytes.size());
  EXPECT_EQ(decode_submission(payload).split, 2);
  EXPECT_EQ(decode_submission(payload).tiles, 4);
  EXPECT_THAT([&] { decode_submission(payload.substr(0, 63)); },
              ThrowsMessage<ProtocolError>(HasSubstr("payload of a submit is 63 bytes")));
  bytes[63] = 1;
  EXPECT_THAT([&] { decode_submission(payload); },
              ThrowsMessage<ProtocolError>(HasSubstr("submission is not all zero")));
}

TEST(MessageTest, APayloadCutAnywhereIsRefused) {
  const std::string request = encode_multiply(7, kA, kB);
  const std::string product = encode_product(7, kB, {});
  for (std::size_t size = 0; size < payload_of(request).size(); ++size) {
    EXPECT_THROW(decode_multiply(payload_of(request).substr(0, size)), FrameError) << size;
  }
  for (std::size_t size = 0; size < payload_of(product).size(); ++size) {
    EXPECT_ANY_THROW(decode_product_matrix(payload_of(product).substr(0, size), {2, 3})) << size;
  }
}

}  // namespace
}  // namespace enxame::wire
