#include "wire/outgoing_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "matmul/codec/binary_codec.h"

namespace enxame::wire {
namespace {

using namespace std::chrono_literals;

const Matrix kWide{{1, 2, 3}, {4, 5, 6}};
const Matrix kColumn{{7}, {8}, {9}};

Buffer buffer_of(std::string_view bytes) {
  Buffer buffer;
  buffer.resize(bytes.size());
  std::ranges::copy(bytes, buffer.data());
  return buffer;
}

TEST(OutgoingMessageTest, ItsPiecesAreTheMessage) {
  EXPECT_EQ(outgoing_multiply(7, kWide, kColumn).joined(), encode_multiply(7, kWide, kColumn));
  EXPECT_EQ(outgoing_multiply(7, kWide, kColumn).size(), encode_multiply(7, kWide, kColumn).size());
  const Matrix square(8, 8);  // outlives the message, which points into it
  EXPECT_EQ(outgoing_multiply(7, square, square).joined(), encode_multiply(7, square, square));
  EXPECT_EQ(OutgoingMessage(3, "whole").joined(), "whole");
}

TEST(OutgoingMessageTest, MatricesStayWhereTheyAre) {
  const OutgoingMessage message = outgoing_multiply(7, kWide, kColumn);
  const auto pieces = message.pieces();
  for (const Matrix* const matrix : {&kWide, &kColumn}) {
    EXPECT_TRUE(std::ranges::any_of(pieces, [&](std::string_view piece) {
      return static_cast<const void*>(piece.data()) == matrix->data();
    }));
  }
}

TEST(OutgoingMessageTest, AProductMeasuresItsEncoding) {
  WorkerPhases phases{3us, 5ms, 0ns};
  phases.received_at = 1ns;
  const std::string message = outgoing_product(9, kWide, phases).joined();
  const std::string_view payload = std::string_view(message).substr(kMessageHeaderBytes);
  const WorkerPhases read = decode_product_phases(payload);
  EXPECT_EQ(read.decode, 3us);
  EXPECT_EQ(read.compute, 5ms);
  EXPECT_GT(read.sent_at, 1ns);
  EXPECT_EQ(decode_product_matrix(payload, {2, 3}), kWide);
}

TEST(ViewMultiplyTest, SeesTheFactorsInTheBytes) {
  const Buffer payload = buffer_of(encode_multiply(1, kWide, kColumn).substr(kMessageHeaderBytes));
  const FactorViews factors = view_multiply(payload.view());
  EXPECT_EQ(factors.a.shape(), kWide.shape());
  EXPECT_EQ(factors.a(1, 2), 6);
  EXPECT_EQ(factors.b(2, 0), 9);
  EXPECT_EQ(reinterpret_cast<const char*>(factors.a.data()),
            payload.view().data() + kFrameHeaderBytes);
}

TEST(ViewMultiplyTest, APayloadCutAnywhereOrTooLongIsRefused) {
  const std::string whole = encode_multiply(7, kWide, kColumn).substr(kMessageHeaderBytes);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(view_multiply(buffer_of(whole.substr(0, size)).view()), FrameError) << size;
  }
  EXPECT_THROW(view_multiply(buffer_of(whole + "x").view()), FrameError);
}

TEST(BufferTest, KeepsItsBytesAndItsAlignmentAsItGrows) {
  Buffer buffer;
  for (std::size_t size = 1; size < (std::size_t{1} << 20); size = 2 * size + 1) {
    const std::size_t before = buffer.size();
    buffer.resize(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0u);
    for (std::size_t i = before; i < size; ++i) buffer.data()[i] = static_cast<char>(i);
    for (std::size_t i = 0; i < size; i += 97) ASSERT_EQ(buffer.data()[i], static_cast<char>(i));
  }
}

TEST(BufferTest, KeepsItsMemoryWhenItShrinks) {
  Buffer buffer;
  buffer.resize(1'000);
  const char* const memory = buffer.data();
  buffer.resize(10);
  buffer.resize(1'000);
  EXPECT_EQ(buffer.data(), memory);
  const Buffer moved = std::move(buffer);
  EXPECT_EQ(moved.view().data(), memory);
}

}  // namespace
}  // namespace enxame::wire
