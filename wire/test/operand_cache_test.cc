#include "wire/operand_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "wire/kept_operand.h"

namespace enxame::wire {
namespace {

using namespace std::chrono_literals;

Digest named(unsigned char name) {
  Digest digest;
  digest.bytes.fill(name);
  return digest;
}

KeptMatrix matrix(std::size_t rows, double value = 0) {
  auto memory = std::make_shared<Matrix>(rows, 1);
  (*memory)(0, 0) = value;
  return {*memory, memory};
}

TEST(OperandCacheTest, FindsWhatWasKept) {
  OperandCache cache;
  cache.keep(1, named(7), matrix(2, 5), 3ms);
  const auto found = cache.find(1, named(7));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->operand.matrix(0, 0), 5);
  EXPECT_FALSE(cache.find(1, named(8)));
}

TEST(OperandCacheTest, TellsOnceWhatReadingTook) {
  OperandCache cache;
  cache.keep(1, named(7), matrix(1), 3ms);
  EXPECT_EQ(cache.find(1, named(7))->decode, 3ms);
  EXPECT_EQ(cache.find(1, named(7))->decode, 0ms);
}

TEST(OperandCacheTest, KeepsOwnersApart) {
  OperandCache cache;
  cache.keep(1, named(7), matrix(1, 1), 0ns);
  cache.keep(2, named(7), matrix(1, 2), 0ns);
  cache.keep(3, named(9), matrix(1, 3), 0ns);
  EXPECT_FALSE(cache.find(3, named(7)));
  EXPECT_EQ(cache.find(1, named(7))->operand.matrix(0, 0), 1);
  cache.forget(1);
  EXPECT_FALSE(cache.find(1, named(7)));
  EXPECT_EQ(cache.find(2, named(7))->operand.matrix(0, 0), 2);
  EXPECT_TRUE(cache.find(3, named(9)));
}

TEST(OperandCacheTest, LetsGoFirstOfWhatWasUsedLeastRecently) {
  OperandCache cache(3 * 1100);  // elements of three, and what they take besides
  for (unsigned char name = 1; name <= 3; ++name) cache.keep(1, named(name), matrix(100), 0ns);
  EXPECT_TRUE(cache.find(1, named(1)));
  cache.keep(1, named(4), matrix(100), 0ns);
  EXPECT_TRUE(cache.find(1, named(1)));
  EXPECT_FALSE(cache.find(1, named(2)));
  EXPECT_TRUE(cache.find(1, named(3)));
  EXPECT_TRUE(cache.find(1, named(4)));
  EXPECT_LE(cache.bytes(), 3u * 1100);
}

TEST(OperandCacheTest, KeepsNothingLargerThanItself) {
  OperandCache cache(1000);
  cache.keep(1, named(1), matrix(10), 0ns);
  cache.keep(1, named(2), matrix(1000), 0ns);
  EXPECT_FALSE(cache.find(1, named(2)));
  EXPECT_TRUE(cache.find(1, named(1)));
}

TEST(OperandCacheTest, ReplacesWhatHadTheSameName) {
  OperandCache cache;
  cache.keep(1, named(1), matrix(1, 1), 0ns);
  const std::size_t bytes = cache.bytes();
  cache.keep(1, named(1), matrix(1, 2), 0ns);
  EXPECT_EQ(cache.bytes(), bytes);
  EXPECT_EQ(cache.find(1, named(1))->operand.matrix(0, 0), 2);
}

TEST(OperandCacheTest, WhatIsInUseOutlivesItsPlace) {
  OperandCache cache(2000);
  cache.keep(1, named(1), matrix(100, 5), 0ns);
  const auto found = cache.find(1, named(1));
  cache.keep(1, named(2), matrix(200), 0ns);
  ASSERT_FALSE(cache.find(1, named(1)));
  EXPECT_EQ(found->operand.matrix(0, 0), 5);
}

TEST(OperandCacheTest, ManyTinyOnesTakeMoreThanTheirElements) {
  OperandCache cache(10'000);
  for (unsigned char name = 0; name < 200; ++name) cache.keep(1, named(name), matrix(1), 0ns);
  EXPECT_FALSE(cache.find(1, named(0)));
  EXPECT_TRUE(cache.find(1, named(199)));
}

Buffer payload_of(const OutgoingMessage& message) {
  const std::string whole = message.joined();
  Buffer payload;
  payload.resize(whole.size() - kMessageHeaderBytes);
  std::memcpy(payload.data(), whole.data() + kMessageHeaderBytes, payload.size());
  return payload;
}

TEST(KeptOperandTest, AnOperandIsKeptAndMultipliedWith) {
  const Matrix a{{1, 2}};
  const Matrix b{{3}, {4}};
  OperandCache cache;
  keep_operand(cache, 1, payload_of(outgoing_operand(7, named(5), b)));
  const Buffer request = payload_of(outgoing_multiply_kept(7, named(5), a));
  const KeptTask task = find_kept(cache, 1, request.view());
  EXPECT_EQ(task.digest, named(5));
  EXPECT_EQ(task.a(0, 1), 2);
  ASSERT_TRUE(task.b);
  EXPECT_EQ(task.b->operand.matrix(1, 0), 4);
  EXPECT_FALSE(find_kept(cache, 2, request.view()).b);  // somebody else sent it
}

TEST(KeptOperandTest, WhatALargerMessageLeftIsNotKept) {
  OperandCache cache;
  Buffer payload;
  payload.resize(1 << 20);
  const Buffer small = payload_of(outgoing_operand(7, named(5), Matrix{{3}, {4}}));
  payload.resize(small.size());
  std::memcpy(payload.data(), small.view().data(), small.size());
  payload.shrink_to_fit();
  EXPECT_EQ(payload.capacity(), small.size());
  EXPECT_EQ(payload.view(), small.view());
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(payload.data()) % 64, 0u);
  payload.resize(1 << 20);
  payload.resize(small.size());
  keep_operand(cache, 1, std::move(payload));
  const Buffer request = payload_of(outgoing_multiply_kept(7, named(5), Matrix{{1, 2}}));
  EXPECT_EQ(find_kept(cache, 1, request.view()).b->operand.matrix(1, 0), 4);
}

TEST(KeptOperandTest, WhatIsMissingIsNamed) {
  const std::string message = encode_missing(7, named(5));
  const auto header =
      parse_message_header(std::string_view(message).substr(0, kMessageHeaderBytes), 1000);
  EXPECT_EQ(header.kind, MessageKind::missing);
  EXPECT_EQ(decode_missing(std::string_view(message).substr(kMessageHeaderBytes)), named(5));
}

TEST(KeptOperandTest, APayloadCutAnywhereIsRefused) {
  OperandCache cache;
  const std::string whole = outgoing_operand(7, named(5), Matrix{{3}, {4}}).joined();
  const std::string_view payload = std::string_view(whole).substr(kMessageHeaderBytes);
  for (std::size_t size = 0; size < payload.size(); ++size) {
    Buffer cut;
    cut.resize(size);
    std::ranges::copy(payload.substr(0, size), cut.data());
    EXPECT_ANY_THROW(keep_operand(cache, 1, std::move(cut))) << size;
  }
  std::string dirty(payload);
  dirty[20] = 1;
  EXPECT_THROW(find_kept(cache, 1, dirty), ProtocolError);
  EXPECT_THROW(find_kept(cache, 1, std::string(payload) + std::string(64, '\0')), ProtocolError);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(DigestTest, IsReadBackFromItsDigits) {
  Digest digest;
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    digest.bytes[i] = static_cast<unsigned char>(i * 17);
  }
  EXPECT_EQ(to_hex(digest), "00112233445566778899aabbccddeeff");
  EXPECT_EQ(parse_digest(to_hex(digest)), digest);
  EXPECT_FALSE(parse_digest("0011"));
  EXPECT_FALSE(parse_digest("00112233445566778899aabbccddeefF"));
  EXPECT_FALSE(parse_digest("00112233445566778899aabbccddeeff0"));
}

}  // namespace
}  // namespace enxame::wire
