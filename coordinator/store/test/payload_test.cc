#include "coordinator/store/payload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"

namespace enxame::coordinator {
namespace {

const Matrix kA{{1, 2}, {3, 4}};
const Matrix kB{{5, 6.5}, {7, 8}};
const Matrix kNan{{std::numeric_limits<double>::quiet_NaN()}};
constexpr const char* kJson = R"({"A":"[[1,2],[3,4]]","B":"[[5,6.5],[7,8]]"})";

template <typename T>
std::string frames(const MatrixOf<T>& a, const MatrixOf<T>& b) {
  std::string out;
  append_frame(a, out);
  append_frame(b, out);
  return out;
}

template <typename T>
std::string frame(const MatrixOf<T>& matrix) {
  std::string out;
  append_frame(matrix, out);
  return out;
}

TEST(Operands, AreKeptAndWrittenInBothCodecs) {
  for (const Operands& operands :
       {parse_operands(Codec::json, kJson), parse_operands(Codec::binary, frames(kA, kB))}) {
    EXPECT_EQ(operands.product, (Shape{2, 2}));
    EXPECT_EQ(to_json(operands), kJson);
    EXPECT_EQ(to_frames(operands), frames(kA, kB));
  }
}

TEST(Operands, GoOnVerbatim) {
  EXPECT_EQ(to_json(parse_operands(Codec::json, R"( {"B":"[[2e0]]", "A":"[[ 1.50 ]]"} )")),
            R"({"A":"[[ 1.50 ]]","B":"[[2e0]]"})");
  // A line break cannot stand in a JSON string, so such a text is written anew.
  EXPECT_EQ(to_json(parse_operands(Codec::json, R"({"A":"[[1,\n2]]","B":"[[1],[2]]"})")),
            R"({"A":"[[1,2]]","B":"[[1],[2]]"})");
}

TEST(Payloads, AreNoLongerThanTheirNumbers) {
  const std::string wide = "[[" + std::string(10'000, ' ') + "5]]";
  EXPECT_EQ(parse_result(Codec::json, wide, {1, 1}).wire, "[[5]]");
  EXPECT_EQ(parse_result(Codec::json, "[[ 5 ]]", {1, 1}).wire, "[[ 5 ]]");
  EXPECT_EQ(to_json(parse_operands(Codec::json, R"({"A":")" + wide + R"(","B":"[[1]]"})")),
            R"({"A":"[[5]]","B":"[[1]]"})");
}

TEST(Payloads, ThatAreTakenCanBeAnsweredWith) {
  constexpr std::size_t kInFlight = 100'000;
  const std::size_t most = most_product_bytes(std::size_t{1} << 30, kInFlight);
  std::size_t rows = 1;
  const auto is_taken = [&] {
    try {
      check_product({rows, 1}, most);
      return true;
    } catch (const ProductTooLarge&) {
      return false;
    }
  };
  for (; is_taken(); ++rows) {
    const Result product{Codec::binary, frame(Matrix(rows, 1))};
    ASSERT_LE(translated_bytes(product, Codec::json), kInFlight) << rows;
  }
  EXPECT_GT(rows, 1'000u);
  EXPECT_EQ(most_product_bytes(300, kInFlight), 300u);
}

TEST(Operands, OfSinglePrecisionAreWidened) {
  const MatrixF32 a{{0.1f, 2}};
  const MatrixF32 b{{3}, {0.25f}};
  const Operands operands = parse_operands(Codec::binary, frames(a, b));
  EXPECT_EQ(operands.wire, frames(Matrix{{double{0.1f}, 2}}, Matrix{{3}, {0.25}}));
  EXPECT_EQ(to_json(operands), R"({"A":"[[0.10000000149011612,2]]","B":"[[3],[0.25]]"})");
}

template <typename T>
void expect_only_finite_numbers() {
  using Limits = std::numeric_limits<T>;
  for (const T value : {Limits::max(), -Limits::max(), Limits::denorm_min(), T(-0.0), T(1.5)}) {
    EXPECT_NO_THROW(parse_operands(Codec::binary, frames(MatrixOf<T>{{value}}, MatrixOf<T>{{1}})));
  }
  for (const T value : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(),
                        -Limits::quiet_NaN(), Limits::signaling_NaN()}) {
    MatrixOf<T> a(9, 7);
    a(4, 5) = value;
    const MatrixOf<T> b(7, 1);
    try {
      parse_operands(Codec::binary, frames(a, b));
      ADD_FAILURE() << "taken: " << value;
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("A: the element in row 5, column 6 is "));
    }
    MatrixOf<T> row(1, 9);
    row(0, 8) = value;
    EXPECT_THROW(parse_operands(Codec::binary, frames(MatrixOf<T>{{1}}, row)),
                 std::invalid_argument);
  }
}

TEST(Operands, HoldFiniteNumbersOnly) {
  expect_only_finite_numbers<double>();
  expect_only_finite_numbers<float>();
}

TEST(Operands, AreRefusedWithTheReason) {
  const auto refused = [](Codec codec, const std::string& body) {
    try {
      parse_operands(codec, body);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("not refused");
  };
  using testing::HasSubstr;
  EXPECT_THAT(refused(Codec::json, R"({"A":"[[1]]"})"), HasSubstr("\"B\" is missing"));
  EXPECT_THAT(refused(Codec::json, R"({"A":"[[1],[2,3]]","B":"[[1]]"})"), HasSubstr("A: "));
  EXPECT_THAT(refused(Codec::json, R"({"A":"[[1]]","B":"[[1e999]]"})"), HasSubstr("B: "));
  EXPECT_THAT(refused(Codec::json, R"({"A":"[[1,2]]","B":"[[1,2]]"})"), HasSubstr("1 × 2"));
  EXPECT_THAT(refused(Codec::binary, ""), HasSubstr("length"));
  EXPECT_THAT(refused(Codec::binary, frame(kA)), HasSubstr("length"));
  EXPECT_THAT(refused(Codec::binary, frames(kA, kB) + "x"), HasSubstr("1 bytes follow"));
  EXPECT_THAT(refused(Codec::binary, frame(kA) + frame(Matrix{{1, 2}})), HasSubstr("2 × 2"));
  EXPECT_THAT(refused(Codec::binary, frame(MatrixF32{{1}}) + frame(Matrix{{1}})),
              HasSubstr("A is f32 and B is f64"));
  const std::string whole = frames(kA, kB);
  EXPECT_THAT(refused(Codec::binary, whole.substr(0, whole.size() - 64)), HasSubstr("bytes"));
  std::string padded = frames(Matrix{{1}}, Matrix{{1}});
  padded.back() = 'x';
  EXPECT_THAT(refused(Codec::binary, padded), HasSubstr("padding"));
}

TEST(Result, IsKeptAndWrittenInBothCodecs) {
  for (const Result& result : {parse_result(Codec::json, "[[1,2],[3,4]]", kA.shape()),
                               parse_result(Codec::binary, frame(kA), kA.shape())}) {
    EXPECT_EQ(to_text(result), "[[1,2],[3,4]]");
    EXPECT_EQ(to_frame(result), frame(kA));
  }
  EXPECT_EQ(to_text(parse_result(Codec::json, "[[1,\t2]]", {1, 2})), "[[1,2]]");
}

TEST(Result, IsRefusedWhenItIsNoProductOfThatShape) {
  EXPECT_THROW(parse_result(Codec::json, "[[1,2]]", {2, 2}), ShapeError);
  EXPECT_THROW(parse_result(Codec::binary, frame(kA), {1, 2}), ShapeError);
  EXPECT_THROW(parse_result(Codec::json, "[[1,2]", {1, 2}), TextError);
  EXPECT_THROW(parse_result(Codec::binary, frame(kA) + frame(kA), {2, 2}), FrameError);
  EXPECT_THROW(parse_result(Codec::binary, frame(MatrixF32{{1}}), {1, 1}), FrameError);
  EXPECT_THROW(parse_result(Codec::binary, frame(kNan), {1, 1}), NotFinite);
}

TEST(Product, IsRefusedWhenWhatComesBackCouldBeTooMuch) {
  EXPECT_NO_THROW(check_product({100, 100}, 250'500));
  EXPECT_THROW(check_product({100, 100}, 250'000), ProductTooLarge);
  const Shape huge{std::size_t{1} << 24, std::size_t{1} << 24};
  EXPECT_THROW(check_product(huge, std::size_t{1} << 40), ProductTooLarge);
  // The longest text that there is, as a worker sends it.
  Matrix widest(Shape{50, 3});
  for (double& value : widest.values()) value = -std::numeric_limits<double>::max();
  const std::string body = R"({"result":")" + encode_text(widest) + "\"}";
  EXPECT_THROW(check_product(widest.shape(), body.size() - 1), ProductTooLarge);
}

}  // namespace
}  // namespace enxame::coordinator
