#include "wire/operand_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "wire/kept_operand.h"

namespace enxame {
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

rpc::Buffer payload_of(const rpc::OutgoingMessage& message) {
  const std::string whole = message.joined();
  rpc::Buffer payload;
  payload.resize(whole.size() - rpc::kMessageHeaderBytes);
  std::memcpy(payload.data(), whole.data() + rpc::kMessageHeaderBytes, payload.size());
  return payload;
}

TEST(KeptOperandTest, AnOperandIsKeptAndMultipliedWith) {
  const Matrix a{{1, 2}};
  const Matrix b{{3}, {4}};
  OperandCache cache;
  rpc::keep_operand(cache, 1, payload_of(rpc::outgoing_operand(7, named(5), b)));
  const rpc::Buffer request = payload_of(rpc::outgoing_multiply_kept(7, named(5), a));
  const rpc::KeptTask task = rpc::find_kept(cache, 1, request.view());
  EXPECT_EQ(task.digest, named(5));
  EXPECT_EQ(task.a(0, 1), 2);
  ASSERT_TRUE(task.b);
  EXPECT_EQ(task.b->operand.matrix(1, 0), 4);
  EXPECT_FALSE(rpc::find_kept(cache, 2, request.view()).b);  // somebody else sent it
}

TEST(KeptOperandTest, WhatALargerMessageLeftIsNotKept) {
  OperandCache cache;
  rpc::Buffer payload;
  payload.resize(1 << 20);
  const rpc::Buffer small = payload_of(rpc::outgoing_operand(7, named(5), Matrix{{3}, {4}}));
  payload.resize(small.size());
  std::memcpy(payload.data(), small.view().data(), small.size());
  payload.shrink_to_fit();
  EXPECT_EQ(payload.capacity(), small.size());
  EXPECT_EQ(payload.view(), small.view());
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(payload.data()) % 64, 0u);
  payload.resize(1 << 20);
  payload.resize(small.size());
  rpc::keep_operand(cache, 1, std::move(payload));
  const rpc::Buffer request = payload_of(rpc::outgoing_multiply_kept(7, named(5), Matrix{{1, 2}}));
  EXPECT_EQ(rpc::find_kept(cache, 1, request.view()).b->operand.matrix(1, 0), 4);
}

TEST(KeptOperandTest, WhatIsMissingIsNamed) {
  const std::string message = rpc::encode_missing(7, named(5));
  const auto header = rpc::parse_message_header(
      std::string_view(message).substr(0, rpc::kMessageHeaderBytes), 1000);
  EXPECT_EQ(header.kind, rpc::MessageKind::missing);
  EXPECT_EQ(rpc::decode_missing(std::string_view(message).substr(rpc::kMessageHeaderBytes)),
            named(5));
}

TEST(KeptOperandTest, APayloadCutAnywhereIsRefused) {
  OperandCache cache;
  const std::string whole = rpc::outgoing_operand(7, named(5), Matrix{{3}, {4}}).joined();
  const std::string_view payload = std::string_view(whole).substr(rpc::kMessageHeaderBytes);
  for (std::size_t size = 0; size < payload.size(); ++size) {
    rpc::Buffer cut;
    cut.resize(size);
    std::ranges::copy(payload.substr(0, size), cut.data());
    EXPECT_ANY_THROW(rpc::keep_operand(cache, 1, std::move(cut))) << size;
  }
  std::string dirty(payload);
  dirty[20] = 1;
  EXPECT_THROW(rpc::find_kept(cache, 1, dirty), rpc::ProtocolError);
  EXPECT_THROW(rpc::find_kept(cache, 1, std::string(payload) + std::string(64, '\0')),
               rpc::ProtocolError);
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
}  // namespace enxame
