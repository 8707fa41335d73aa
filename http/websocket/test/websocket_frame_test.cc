#include "http/websocket/websocket_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace enxame::http {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string written(const FrameHead& head) {
  std::array<char, kMaxFrameHeadBytes> bytes;
  return std::string(write_frame_head(head, bytes));
}

TEST(FrameHead, IsThatOfTheStandardsExamples) {
  // RFC 6455, section 5.7.
  EXPECT_EQ(written({.opcode = Opcode::text, .payload_bytes = 5}), "\x81\x05");
  EXPECT_EQ(written({.opcode = Opcode::text,
                     .mask = MaskKey{'\x37', '\xfa', '\x21', '\x3d'},
                     .payload_bytes = 5}),
            "\x81\x85\x37\xfa\x21\x3d");
  EXPECT_EQ(written({.payload_bytes = 256}), std::string("\x82\x7e\x01\x00", 4));
  EXPECT_EQ(written({.payload_bytes = 65536}),
            std::string("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10));
}

TEST(FrameHead, ReadsBackAsItWasWritten) {
  for (const std::uint64_t size : {0ull, 1ull, 125ull, 126ull, 65535ull, 65536ull, 1ull << 40}) {
    for (const bool is_final : {true, false}) {
      for (const std::optional<MaskKey>& mask :
           {std::optional<MaskKey>(), std::optional<MaskKey>({'a', 'b', 'c', 'd'})}) {
        const std::string bytes =
            written({.is_final = is_final, .mask = mask, .payload_bytes = size});
        for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
          EXPECT_FALSE(parse_frame_head(bytes.substr(0, cut)));
        }
        const auto head = parse_frame_head(bytes + "more");
        ASSERT_TRUE(head);
        EXPECT_EQ(head->opcode, Opcode::binary);
        EXPECT_EQ(head->is_final, is_final);
        EXPECT_EQ(head->mask, mask);
        EXPECT_EQ(head->payload_bytes, size);
        EXPECT_EQ(head->head_bytes, bytes.size());
      }
    }
  }
}

struct BadHead {
  std::string bytes;
  std::string message;
};

class BadHeadTest : public ::testing::TestWithParam<BadHead> {};

TEST_P(BadHeadTest, IsRefused) {
  EXPECT_THAT([&] { parse_frame_head(GetParam().bytes); },
              ThrowsMessage<WebSocketError>(HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadHeadTest,
    ::testing::Values(BadHead{std::string("\xc2\x00", 2), "reserved bits"},
                      BadHead{std::string("\x92\x00", 2), "reserved bits"},
                      BadHead{std::string("\x83\x00", 2), "opcode 3"},
                      BadHead{std::string("\x87\x00", 2), "opcode 7"},
                      BadHead{std::string("\x8b\x00", 2), "opcode 11"},
                      BadHead{std::string("\x82\x7e\x00\x7d", 4),
                              "125, is not in the shortest form"},
                      BadHead{std::string("\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff", 10),
                              "65535, is not in the shortest form"},
                      BadHead{"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "beyond 2^63"},
                      BadHead{std::string("\x09\x00", 2), "fragmented control frame"},
                      BadHead{std::string("\x89\x7e\x00\x7e", 4), "control frame of 126 bytes"}));

TEST(ApplyMask, IsItsOwnInverseAndCanBeDoneInPieces) {
  const MaskKey mask{'\x01', '\x7f', '\x80', '\xff'};
  std::string plain;
  for (int i = 0; i < 100; ++i) plain += static_cast<char>(i);
  std::string expected = plain;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] = static_cast<char>(expected[i] ^ mask[i % 4]);
  }
  std::string whole = plain;
  apply_mask(whole, mask, 0);
  EXPECT_EQ(whole, expected);
  for (std::size_t cut = 0; cut <= plain.size(); ++cut) {
    std::string pieces = plain;
    apply_mask(std::span(pieces).first(cut), mask, 0);
    apply_mask(std::span(pieces).subspan(cut), mask, cut);
    EXPECT_EQ(pieces, expected) << cut;
  }
  apply_mask(whole, mask, 0);
  EXPECT_EQ(whole, plain);
}

TEST(ParseClose, TakesCodesThatMayBeSent) {
  EXPECT_EQ(parse_close("").code, 1005);
  EXPECT_EQ(parse_close("\x03\xe8").code, 1000);
  EXPECT_EQ(parse_close("\x0f\xa0why").code, 4000);
  EXPECT_EQ(parse_close("\x0f\xa0why").text, "why");
  EXPECT_THROW(parse_close("\x03"), WebSocketError);
  for (const std::string& bad :
       {std::string("\x00\x00", 2), std::string("\x03\xe7"), std::string("\x03\xed"),
        std::string("\x03\xee"), std::string("\x03\xf7"), std::string("\x13\x88")}) {
    EXPECT_THROW(parse_close(bad), WebSocketError);
  }
}

}  // namespace
}  // namespace enxame::http
