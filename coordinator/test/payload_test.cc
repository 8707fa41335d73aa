#include "coordinator/payload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "matmul/binary_codec.h"
#include "matmul/text_codec.h"

namespace enxame {
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

TEST(Operands, OfSinglePrecisionAreWrittenAsSuch) {
  const MatrixF32 a{{0.1f}};
  EXPECT_EQ(to_json(parse_operands(Codec::binary, frames(a, a))),
            R"({"A":"[[0.1]]","B":"[[0.1]]"})");
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

TEST(Operands, WithNanHaveNoJson) {
  const Operands operands = parse_operands(Codec::binary, frames(kNan, kNan));
  EXPECT_THROW(to_json(operands), TextError);
}

TEST(Result, IsKeptAndWrittenInBothCodecs) {
  for (const Result& result : {parse_result(Codec::json, "[[1,2],[3,4]]", kA.shape()),
                               parse_result(Codec::binary, frame(kA), kA.shape())}) {
    EXPECT_EQ(to_text(result), "[[1,2],[3,4]]");
    EXPECT_EQ(to_frame(result), frame(kA));
  }
  EXPECT_EQ(to_text(parse_result(Codec::json, "[[1,\t2]]", {1, 2})), "[[1,2]]");
  EXPECT_THROW(to_text(parse_result(Codec::binary, frame(kNan), {1, 1})), TextError);
}

TEST(Result, IsRefusedWhenItIsNoProductOfThatShape) {
  EXPECT_THROW(parse_result(Codec::json, "[[1,2]]", {2, 2}), ShapeError);
  EXPECT_THROW(parse_result(Codec::binary, frame(kA), {1, 2}), ShapeError);
  EXPECT_THROW(parse_result(Codec::json, "[[1,2]", {1, 2}), TextError);
  EXPECT_THROW(parse_result(Codec::binary, frame(kA) + frame(kA), {2, 2}), FrameError);
}

}  // namespace
}  // namespace enxame
