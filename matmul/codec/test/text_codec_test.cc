#include "matmul/codec/text_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
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
std::string text_of(T value) {
  const std::string text = encode_text(MatrixOf<T>{{value}});
  EXPECT_EQ(text.substr(0, 2) + text.substr(text.size() - 2), "[[]]");
  return text.substr(2, text.size() - 4);
}

template <typename T>
T value_of(const std::string& number) {
  return decode_text<T>("[[" + number + "]]")(0, 0);
}

/// Equal to the bit: 0 and -0 differ.
template <typename T>
void expect_round_trip(T value) {
  const T back = value_of<T>(text_of(value));
  EXPECT_EQ(back, value);
  EXPECT_EQ(std::signbit(back), std::signbit(value)) << value;
}

template <typename Message>
void expect_refused(const std::string& text, const Message& message) {
  EXPECT_THAT([&] { decode_text<double>(text); }, ThrowsMessage<TextError>(message)) << text;
}

TEST(EncodeText, IsTheSeedsForm) {
  EXPECT_EQ(encode_text(Matrix{{1, 2}, {3, 4}}), "[[1,2],[3,4]]");
  EXPECT_EQ(encode_text(Matrix{{0}}), "[[0]]");
  EXPECT_EQ(encode_text(Matrix{{1}, {-2.5}}), "[[1],[-2.5]]");
  EXPECT_EQ(encode_text(MatrixF32{{0.1F, 19}}), "[[0.1,19]]");
}

TEST(EncodeText, WritesWholeNumbersWithoutFractionOrExponent) {
  EXPECT_EQ(text_of(19.0), "19");
  EXPECT_EQ(text_of(-100000.0), "-100000");
  EXPECT_EQ(text_of(9007199254740991.0), "9007199254740991");
  EXPECT_EQ(text_of(-9007199254740991.0), "-9007199254740991");
  EXPECT_EQ(text_of(1099511627776.0F), "1099511627776");
}

TEST(EncodeText, WritesOtherNumbersInTheShortestForm) {
  EXPECT_EQ(text_of(0.1), "0.1");
  EXPECT_EQ(text_of(0.1F), "0.1");
  EXPECT_EQ(text_of(1e21), "1e+21");
  EXPECT_EQ(text_of(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(text_of(1.0F / 3), "0.33333334");
  EXPECT_EQ(text_of(-0.0), "-0");
}

/// What the text has to be where it is no whole number below 2^53.
template <typename T>
std::string to_chars_text(T value) {
  std::array<char, 64> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

TEST(EncodeText, WritesFractionsAsToCharsDoes) {
  // Where the fixed and the scientific form are about as long, with one digit and with many.
  for (const double digits : {1.0, 1.5, 9.0, 1.25, 1.0 / 3, 9.87654321, 9.999999999999998}) {
    for (int exponent = -330; exponent <= 20; ++exponent) {
      const double value = digits * std::pow(10.0, exponent);
      if (value == 0 || (std::trunc(value) == value && value < 0x1p53)) continue;
      EXPECT_EQ(text_of(value), to_chars_text(value));
      EXPECT_EQ(text_of(-value), to_chars_text(-value));
      const auto single = static_cast<float>(value);
      if (single == 0 || std::trunc(single) == single) continue;
      EXPECT_EQ(text_of(single), to_chars_text(single));
    }
  }
  SplitMix64 random(2);
  for (int trial = 0; trial < 20'000; ++trial) {
    const auto f64 = std::bit_cast<double>(random());
    const bool whole64 = std::trunc(f64) == f64 && std::abs(f64) < 0x1p53;
    if (std::isfinite(f64) && !whole64) EXPECT_EQ(text_of(f64), to_chars_text(f64));
    const auto f32 = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    const bool whole32 = std::trunc(f32) == f32 && std::abs(f32) < 0x1p53F;
    if (std::isfinite(f32) && !whole32) EXPECT_EQ(text_of(f32), to_chars_text(f32));
    const double near_one = static_cast<double>(random() >> 11) * 0x1p-53;
    if (near_one != 0) EXPECT_EQ(text_of(near_one), to_chars_text(near_one));
  }
}

TEST(EncodeText, WritesWholeNumbersOfEveryLength) {
  for (std::int64_t power = 1; power < 1'000'000'000'000'000; power *= 10) {
    for (const std::int64_t value : {power, 9 * power, power - 1, power + 7}) {
      EXPECT_EQ(text_of(static_cast<double>(value)), std::to_string(value));
      EXPECT_EQ(text_of(-static_cast<double>(value)), value == 0 ? "-0" : std::to_string(-value));
    }
  }
}

TEST(EncodeText, RefusesWhatJsonCannotCarryWithItsPlace) {
  Matrix matrix(3, 4);
  matrix(2, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(
      [&] { encode_text(matrix); },
      ThrowsMessage<TextError>(AllOf(HasSubstr("row 2, column 1"), HasSubstr("found nan"))));
  matrix(0, 3) = -std::numeric_limits<double>::infinity();
  EXPECT_THAT(
      [&] { encode_text(matrix); },
      ThrowsMessage<TextError>(AllOf(HasSubstr("row 0, column 3"), HasSubstr("found -inf"))));
}

TEST(EncodeText, OfAMovedFromMatrixDoesNotExist) {
  Matrix matrix(1, 1);
  const Matrix taken = std::move(matrix);
  EXPECT_THROW(encode_text(matrix), ShapeError);  // NOLINT(bugprone-use-after-move)
}

TEST(TextCodec, AdversarialValuesGoThereAndBack) {
  using Limits = std::numeric_limits<double>;
  for (const double value : {0.0,
                             0.1,
                             1e21,
                             1e22,
                             1e23,
                             5e-324,
                             2.2250738585072011e-308,
                             Limits::min(),
                             Limits::max(),
                             Limits::denorm_min(),
                             Limits::epsilon(),
                             9007199254740991.0,
                             9007199254740992.0,
                             9007199254740994.0,
                             9223372036854775808.0,
                             18446744073709551616.0,
                             1.7976931348623155e308,
                             123456789012345680.0,
                             8.41e21,
                             9.5367431640625e-7,
                             2.0e-3,
                             1e5,
                             100000.5}) {
    expect_round_trip(value);
    expect_round_trip(-value);
  }
  using Limits32 = std::numeric_limits<float>;
  for (const float value : {0.0F, 0.1F, 16777216.0F, 16777218.0F, Limits32::max(), Limits32::min(),
                            Limits32::denorm_min(), 8388609.0F, 9.5e15F, 1.17549421e-38F}) {
    expect_round_trip(value);
    expect_round_trip(-value);
  }
}

TEST(TextCodec, RandomBitPatternsGoThereAndBack) {
  SplitMix64 random(1);
  for (int trial = 0; trial < 20'000; ++trial) {
    const auto f64 = std::bit_cast<double>(random());
    if (std::isfinite(f64)) expect_round_trip(f64);
    const auto f32 = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isfinite(f32)) expect_round_trip(f32);
  }
}

TEST(TextCodec, MatricesGoThereAndBack) {
  for (const Shape shape : {Shape{1, 1}, Shape{1, 700}, Shape{700, 1}, Shape{33, 65}}) {
    const Matrix matrix = random_matrix<double>(shape, 3);
    EXPECT_EQ(decode_text<double>(encode_text(matrix)), matrix);
    const MatrixF32 single = random_matrix<float>(shape, 3);
    EXPECT_EQ(decode_text<float>(encode_text(single)), single);
  }
}

TEST(DecodeText, AcceptsJsonNumbers) {
  EXPECT_EQ(value_of<double>("0"), 0);
  EXPECT_EQ(value_of<double>("-0"), 0);
  EXPECT_EQ(value_of<double>("1.50"), 1.5);
  EXPECT_EQ(value_of<double>("1E5"), 1e5);
  EXPECT_EQ(value_of<double>("1e+5"), 1e5);
  EXPECT_EQ(value_of<double>("-12.5e-01"), -1.25);
  EXPECT_EQ(value_of<double>("0e0"), 0);
  EXPECT_EQ(value_of<double>("1e-999"), 0);
  EXPECT_EQ(value_of<double>("9999999999999999999"), 1e19);
  EXPECT_EQ(value_of<double>("18446744073709551617"), 18446744073709551616.0);
  EXPECT_EQ(value_of<double>("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(value_of<double>("1" + std::string(300, '0')), 1e300);
  EXPECT_EQ(value_of<double>("0." + std::string(400, '0') + "1e401"), 1.0);
}

TEST(DecodeText, RoundsOnceToFloat) {
  // Halfway between two floats and a little more: by way of double it would round down to even.
  EXPECT_EQ(value_of<float>("1.00000005960464477540"), 0x1.000002p0F);
  EXPECT_EQ(value_of<float>("9007200328482817"), 0x1.000002p53F);
}

TEST(DecodeText, AcceptsWhiteSpaceBetweenTokens) {
  EXPECT_EQ(decode_text<double>(" [\n[ 1 ,\t2 ] ,\r\n [3,4 ]\n] \n"), (Matrix{{1, 2}, {3, 4}}));
}

TEST(DecodeText, RefusesEmptiness) {
  expect_refused("", AllOf(HasSubstr("byte 0"), HasSubstr("found the end of the text")));
  expect_refused("  ", HasSubstr("byte 2, row 0"));
  expect_refused("[]", HasSubstr("byte 1, row 0: expected '[' of a row, found ']'"));
  expect_refused("[[]]", HasSubstr("byte 2, row 0, column 0: expected a number, found ']'"));
  expect_refused("[[1],[]]", HasSubstr("byte 6, row 1, column 0: expected a number, found ']'"));
}

TEST(DecodeText, RefusesRaggedRows) {
  expect_refused("[[1,2],[3]]",
                 HasSubstr("byte 9, row 1: the row has 1 elements, expected 2 as in row 0"));
  expect_refused("[[1],[2],[3,4]]", HasSubstr("byte 13, row 2: the row has 2 elements"));
}

TEST(DecodeText, RefusesNumbersThatAreNotJson) {
  const auto refuse = [](const std::string& number, std::size_t offset, const std::string& why) {
    expect_refused("[[1,2],[3," + number + "]]",
                   AllOf(HasSubstr("byte " + std::to_string(10 + offset) + ", row 1, column 1:"),
                         HasSubstr(why)));
  };
  refuse("", 0, "expected a number, found ']'");
  refuse("+1", 0, "found '+'");
  refuse("01", 1, "no digit after a leading 0, found '1'");
  refuse("-01", 2, "no digit after a leading 0");
  refuse("00", 1, "no digit after a leading 0");
  refuse(".5", 0, "found '.'");
  refuse("1.", 2, "a digit after the decimal point, found ']'");
  refuse("1.e5", 2, "found 'e'");
  refuse("1e", 2, "a digit of the exponent, found ']'");
  refuse("1e+-1", 3, "found '-'");
  refuse("-", 1, "found ']'");
  refuse("--1", 1, "found '-'");
  refuse("- 1", 1, "found byte value 32");
  refuse("0x10", 1, "expected ',' or ']', found 'x'");
  refuse("nan", 0, "found 'n'");
  refuse("NaN", 0, "found 'N'");
  refuse("inf", 0, "found 'i'");
  refuse("-Infinity", 1, "found 'I'");
  refuse("null", 0, "found 'n'");
  refuse("\"1\"", 0, "found '\"'");
  refuse("1 2", 2, "expected ',' or ']', found '2'");
  refuse("[1]", 0, "found '['");
  refuse("\xc3\xa9", 0, "found byte value 195");
  refuse(std::string(1, '\0'), 0, "found byte value 0");
}

TEST(DecodeText, RefusesNumbersThatOverflow) {
  expect_refused("[[1,1e999]]",
                 HasSubstr("byte 4, row 0, column 1: expected a number that fits a double, found "
                           "1e999"));
  expect_refused("[[-1.8e308]]", HasSubstr("byte 2, row 0, column 0"));
  expect_refused("[[1" + std::string(400, '0') + "]]", HasSubstr("found 1000000000"));
  EXPECT_THAT([] { decode_text<float>("[[3.5e38]]"); },
              ThrowsMessage<TextError>(HasSubstr("fits a float, found 3.5e38")));
}

TEST(DecodeText, RefusesWhatIsNotTwoLevelsOfBrackets) {
  expect_refused("1", HasSubstr("byte 0, row 0: expected '[' before the first row, found '1'"));
  expect_refused("[1,2]", HasSubstr("byte 1, row 0: expected '[' of a row, found '1'"));
  expect_refused("[[1],2]", HasSubstr("byte 5, row 1: expected '[' of a row, found '2'"));
  expect_refused("[[1],]", HasSubstr("byte 5, row 1"));
  expect_refused("[[1,]]", HasSubstr("byte 4, row 0, column 1: expected a number, found ']'"));
  expect_refused("[[1]", HasSubstr("byte 4, row 1: expected ',' or ']' after a row"));
  expect_refused("[[1][2]]", HasSubstr("byte 4, row 1: expected ',' or ']' after a row"));
  expect_refused("[[1", HasSubstr("byte 3, row 0, column 0: expected ',' or ']'"));
  expect_refused("{\"a\":1}", HasSubstr("byte 0"));
}

TEST(DecodeText, RefusesTextAfterTheLastBracket) {
  expect_refused("[[1]]x", HasSubstr("byte 5, row 1: expected nothing after the last ']', found"));
  expect_refused("[[1]] [[2]]", HasSubstr("byte 6"));
  expect_refused("[[1]]]", HasSubstr("byte 5"));
  expect_refused(std::string("[[1]]\0", 6), HasSubstr("byte 5"));
}

TEST(DecodeText, AnswersAMegabyteOfBracketsAtOnce) {
  expect_refused(std::string(1 << 20, '['), HasSubstr("byte 2, row 0, column 0"));
}

TEST(DecodeText, RefusesMoreThanTheMostElements) {
  expect_refused(std::string(kMaxElements, ','),
                 HasSubstr("268435456 commas, expected at most 268435456 elements"));
}

TEST(DecodeText, TruncatedAnywhereIsRefused) {
  const std::string text = encode_text(Matrix{{-1.5e-300, 2}, {3, 0.25}, {1e300, -0.0}});
  for (std::size_t length = 0; length < text.size(); ++length) {
    expect_refused(text.substr(0, length), HasSubstr("found the end of the text"));
  }
}

TEST(DecodeText, WithChangedBytesIsReadOrRefused) {
  static constexpr std::string_view kAlphabet = "0123456789+-.eE,[] \n\"x";
  const std::string text = encode_text(Matrix{{-1.5e-300, 2}, {3, 0.25}, {1e300, 1.0 / 3}});
  SplitMix64 random(20240901);
  int read = 0;
  int refused = 0;
  for (int trial = 0; trial < 50'000; ++trial) {
    std::string mutated = text;
    for (std::uint64_t changes = random() % 3 + 1; changes > 0; --changes) {
      char& byte = mutated[random() % mutated.size()];
      byte = random() % 4 == 0 ? static_cast<char>(byte ^ (1 << random() % 8))
                               : kAlphabet[random() % kAlphabet.size()];
    }
    try {
      const Matrix matrix = decode_text<double>(mutated);
      EXPECT_EQ(decode_text<double>(encode_text(matrix)), matrix) << mutated;
      ++read;
    } catch (const TextError& error) {
      EXPECT_THAT(error.what(), HasSubstr("byte ")) << mutated;
      ++refused;
    }
  }
  EXPECT_GT(read, 1'000);
  EXPECT_GT(refused, 1'000);
}

}  // namespace
}  // namespace enxame
