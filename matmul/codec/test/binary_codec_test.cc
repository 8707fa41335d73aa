#include "matmul/codec/binary_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "matmul/splitmix64.h"

namespace enxame {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

template <typename T>
std::string frame_of(const MatrixOf<T>& matrix) {
  std::string out;
  append_frame(matrix, out);
  return out;
}

/// The frame of a 2 × 3 matrix with one field overwritten.
template <typename Field>
std::string frame_with(std::size_t offset, Field value) {
  std::string frame = frame_of(Matrix(2, 3));
  std::memcpy(frame.data() + offset, &value, sizeof value);
  return frame;
}

template <typename Message>
void expect_frame_refused(const std::string& frame, const Message& message) {
  EXPECT_THAT([&] { decode_frame<double>(frame); }, ThrowsMessage<FrameError>(message));
}

TEST(Frame, IsWhatTheHeaderSays) {
  const std::string frame = frame_of(Matrix{{1.5, -2}});
  std::string expected(128, '\0');
  expected.replace(0, 4, "ENXM");
  expected[4] = 1;
  expected[6] = 1;
  expected[8] = 1;
  expected[16] = 2;
  expected[24] = 16;
  expected.replace(70, 2, "\xf8\x3f");
  expected.replace(79, 1, "\xc0");
  EXPECT_EQ(frame, expected);
}

template <typename T>
class FrameOf : public ::testing::Test {};
using Types = ::testing::Types<double, float>;
TYPED_TEST_SUITE(FrameOf, Types);

TYPED_TEST(FrameOf, EveryShapeGoesThereAndBack) {
  for (std::size_t rows = 1; rows < 20; ++rows) {
    for (std::size_t cols = 1; cols < 20; ++cols) {
      const auto matrix = random_matrix<TypeParam>({rows, cols}, rows * 100 + cols);
      const std::string frame = frame_of(matrix);
      EXPECT_EQ(frame.size() % 64, 0U);
      EXPECT_EQ(parse_frame_header(frame).frame_bytes(), frame.size());
      EXPECT_EQ(decode_frame<TypeParam>(frame), matrix);
    }
  }
}

TYPED_TEST(FrameOf, EveryBitOfAValueGoesThereAndBack) {
  using Limits = std::numeric_limits<TypeParam>;
  const MatrixOf<TypeParam> matrix{{Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(),
                                    TypeParam{-0.0}, Limits::denorm_min(), Limits::max()}};
  const auto decoded = decode_frame<TypeParam>(frame_of(matrix));
  EXPECT_EQ(std::memcmp(decoded.data(), matrix.data(), matrix.shape().size() * sizeof(TypeParam)),
            0);
}

TEST(Frame, IsDecodedFromAnyAlignment) {
  const Matrix matrix = random_matrix<double>({3, 5}, 1);
  for (std::size_t shift = 0; shift < 16; ++shift) {
    const std::string bytes = std::string(shift, 'x') + frame_of(matrix);
    EXPECT_EQ(decode_frame<double>(std::string_view(bytes).substr(shift)), matrix);
  }
}

TEST(Frame, FollowsAnother) {
  const Matrix a = random_matrix<double>({3, 5}, 1);
  const MatrixF32 b = random_matrix<float>({5, 2}, 2);
  std::string bytes;
  append_frame(a, bytes);
  append_frame(b, bytes);
  std::string_view rest = bytes;
  EXPECT_EQ(take_frame<double>(rest), a);
  EXPECT_EQ(parse_frame_header(rest).dtype, Dtype::f32);
  EXPECT_EQ(take_frame<float>(rest), b);
  EXPECT_TRUE(rest.empty());
}

TEST(Frame, WithSomethingBehindItIsNotOneFrame) {
  expect_frame_refused(frame_of(Matrix(1, 1)) + "x",
                       AllOf(HasSubstr("length is 129"), HasSubstr("128")));
}

TEST(Frame, OfAMovedFromMatrixDoesNotExist) {
  Matrix matrix(1, 1);
  const Matrix taken = std::move(matrix);
  EXPECT_THROW(frame_of(matrix), ShapeError);  // NOLINT(bugprone-use-after-move)
}

TEST(Frame, TruncatedAnywhereIsRefusedAndNotTaken) {
  const std::string frame = frame_of(random_matrix<double>({3, 5}, 1));
  for (std::size_t length = 0; length < frame.size(); ++length) {
    std::string_view bytes = std::string_view(frame).substr(0, length);
    EXPECT_THAT([&] { take_frame<double>(bytes); },
                ThrowsMessage<FrameError>(AllOf(
                    HasSubstr("length is " + std::to_string(length) + " bytes, expected"),
                    HasSubstr(length < kFrameHeaderBytes ? "at least the header's 64" : "192"))));
    EXPECT_EQ(bytes.size(), length);
  }
}

TEST(Frame, WithAWrongFieldIsRefusedWithItsValue) {
  expect_frame_refused(frame_with(0, 'G'), HasSubstr(R"(magic is "GNXM", expected "ENXM")"));
  expect_frame_refused(frame_with(3, '\xff'), HasSubstr(R"(magic is "ENX\xff")"));
  expect_frame_refused(frame_with(4, std::uint16_t{2}), HasSubstr("version is 2, expected 1"));
  expect_frame_refused(frame_with(6, std::uint16_t{0}),
                       HasSubstr("dtype is 0, expected 1 (f64) or 2"));
  expect_frame_refused(frame_with(6, std::uint16_t{3}), HasSubstr("dtype is 3"));
  expect_frame_refused(frame_with(8, std::uint64_t{0}),
                       HasSubstr("rows is 0, expected 1 to 268435456"));
  expect_frame_refused(frame_with(16, std::uint64_t{0}), HasSubstr("columns is 0"));
  expect_frame_refused(frame_with(24, std::uint64_t{49}),
                       HasSubstr("payload bytes is 49, expected 48 for 2 × 3 of f64"));
  expect_frame_refused(frame_with(63, '\x07'),
                       HasSubstr("reserved byte at offset 63 is 7, expected 0"));
  expect_frame_refused(frame_with(127, '\xff'), HasSubstr("padding byte at offset 127 is 255"));
}

TEST(Frame, OfAnotherDtypeIsRefused) {
  expect_frame_refused(frame_of(MatrixF32(2, 3)), HasSubstr("dtype is f32, expected f64"));
  EXPECT_THAT([] { decode_frame<float>(frame_of(Matrix(2, 3))); },
              ThrowsMessage<FrameError>(HasSubstr("dtype is f64, expected f32")));
}

TEST(Frame, WhoseSizeOverflowsIsRefused) {
  const auto hostile = [](std::uint64_t rows, std::uint64_t cols, std::uint64_t payload_bytes) {
    std::string frame = frame_with(8, rows);
    std::memcpy(frame.data() + 16, &cols, sizeof cols);
    std::memcpy(frame.data() + 24, &payload_bytes, sizeof payload_bytes);
    return frame;
  };
  constexpr std::uint64_t k2To32 = std::uint64_t{1} << 32;
  constexpr std::uint64_t k2To63 = std::uint64_t{1} << 63;
  expect_frame_refused(hostile(k2To32, k2To32, 0), HasSubstr("rows is 4294967296"));
  expect_frame_refused(hostile(k2To63, 2, 0), HasSubstr("rows is 9223372036854775808"));
  expect_frame_refused(hostile(k2To32 + 2, 3, 48), HasSubstr("rows is 4294967298"));
  expect_frame_refused(hostile(2, k2To32 + 3, 48), HasSubstr("columns is 4294967299"));
  expect_frame_refused(hostile(kMaxElements, kMaxElements, 0),
                       HasSubstr("rows × columns is 268435456 × 268435456"));
  expect_frame_refused(hostile(2, 3, k2To32 + 48), HasSubstr("payload bytes is 4294967344"));
}

TEST(Frame, OfTheLargestShapeNeedsItsPayloadBeforeMemoryIsAskedFor) {
  std::string frame = frame_with(8, std::uint64_t{kMaxElements});
  const std::uint64_t cols = 1;
  const std::uint64_t payload_bytes = std::uint64_t{kMaxElements} * 8;
  std::memcpy(frame.data() + 16, &cols, sizeof cols);
  std::memcpy(frame.data() + 24, &payload_bytes, sizeof payload_bytes);
  expect_frame_refused(frame, HasSubstr("length is 128 bytes, expected 2147483712"));
}

TEST(Frame, WithFlippedBitsIsReadOrRefused) {
  const std::string frame = frame_of(random_matrix<double>({3, 5}, 1));
  SplitMix64 random(20240901);
  int refused = 0;
  for (int trial = 0; trial < 20'000; ++trial) {
    std::string mutated = frame;
    for (std::uint64_t flips = random() % 4 + 1; flips > 0; --flips) {
      mutated[random() % mutated.size()] ^= static_cast<char>(1 << random() % 8);
    }
    try {
      EXPECT_EQ(decode_frame<double>(mutated).shape(), (Shape{3, 5}));
    } catch (const FrameError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1'000);
}

TEST(Dtype, HasAName) {
  EXPECT_EQ(to_string(Dtype::f64), "f64");
  EXPECT_EQ(to_string(Dtype::f32), "f32");
}

}  // namespace
}  // namespace enxame
