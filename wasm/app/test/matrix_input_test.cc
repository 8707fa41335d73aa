#include "wasm/app/matrix_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wasm/app/matrix_preview.h"

namespace enxame::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Rows = std::vector<std::vector<std::string>>;

template <typename F>
std::string error_of(F&& act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(CheckPair, SaysTheShapes) {
  const PairCheck check = check_pair("[[1,2,3]]", " [[1],[2],\n[3]] ");
  EXPECT_EQ(check.a.message, "1 × 3");
  EXPECT_EQ(check.b.message, "3 × 1");
  EXPECT_EQ(check.together, "The product is 1 × 1");
  EXPECT_TRUE(check.ready);
}

TEST(CheckPair, SaysWhyThereIsNoProduct) {
  const PairCheck check = check_pair("[[1,2,3]]", "[[1],[2]]");
  EXPECT_FALSE(check.ready);
  EXPECT_THAT(check.together, HasSubstr("1 × 3"));
  EXPECT_THAT(check.together, HasSubstr("2 × 1"));
}

TEST(CheckPair, SaysWhichRowIsRagged) {
  const PairCheck check = check_pair("[[1,2],[3,4],[5]]", "[[1]]");
  EXPECT_FALSE(check.ready);
  EXPECT_FALSE(check.a.shape);
  EXPECT_THAT(check.a.message, HasSubstr("row 2"));
  EXPECT_EQ(check.together, "");
}

TEST(CheckPair, HintsAtTheFormWhileAFieldIsEmpty) {
  EXPECT_THAT(check_pair(" \n", "[[1]]").a.message, HasSubstr("[[1,2],[3,4]]"));
}

TEST(CheckPair, IsShownField) {
  EXPECT_EQ(to_view(check_pair("[[1]]", "[[2]]")),
            R"({"a":"1 × 1","a-ok":true,"b":"1 × 1","b-ok":true,)"
            R"("together":"The product is 1 × 1","ready":true})");
}

TEST(ParsePair, TakesWhatMultipliesAndNamesWhatDoesNot) {
  EXPECT_EQ(parse_pair("[[1,2]]", "[[3],[4]]").b, (Matrix{{3}, {4}}));
  EXPECT_THAT(error_of([] { parse_pair("[[1]", "[[1]]"); }), HasSubstr("A: "));
  EXPECT_THAT(error_of([] { parse_pair("[[1]]", "hello"); }), HasSubstr("B: "));
  EXPECT_THAT(error_of([] { parse_pair("[[1,2]]", "[[1,2]]"); }), HasSubstr("1 × 2"));
}

TEST(Recipe, IsReadFromFourFields) {
  const Recipe recipe = parse_recipe("3", "4", "5", "6");
  const worker::Operands operands = generate(recipe);
  EXPECT_EQ(operands.a.shape(), (Shape{3, 4}));
  EXPECT_EQ(operands.b.shape(), (Shape{4, 5}));
  EXPECT_EQ(operands.a, generate(recipe).a);
  EXPECT_NE(operands.a, generate(parse_recipe("3", "4", "5", "7")).a);
}

TEST(Recipe, SaysWhichFieldIsWrong) {
  EXPECT_THAT(error_of([] { parse_recipe("0", "1", "1", "1"); }),
              HasSubstr("Rows of A is \"0\": expected a whole number from 1"));
  EXPECT_THAT(error_of([] { parse_recipe("1", "x", "1", "1"); }), HasSubstr("Columns of A"));
  EXPECT_THAT(error_of([] { parse_recipe("1", "1", "", "1"); }), HasSubstr("Columns of B"));
  EXPECT_THAT(error_of([] { parse_recipe("1", "1", "1", "-1"); }), HasSubstr("seed is \"-1\""));
  EXPECT_THAT(error_of([] { parse_recipe("99999999999999999999", "1", "1", "1"); }),
              HasSubstr("Rows of A"));
}

TEST(Recipe, BoundsEveryMatrix) {
  EXPECT_EQ(error_of([] { parse_recipe("2048", "2048", "2048", "1"); }), "no error");
  EXPECT_THAT(error_of([] { parse_recipe("2049", "2048", "1", "1"); }), HasSubstr("A would be"));
  EXPECT_THAT(error_of([] { parse_recipe("1", "2048", "2049", "1"); }), HasSubstr("B would be"));
  EXPECT_THAT(error_of([] { parse_recipe("4096", "1", "4096", "1"); }),
              HasSubstr("The product would be 4096 × 4096"));
}

TEST(Preview, ShowsSmallMatricesWhole) {
  EXPECT_EQ(preview(Matrix{{1, -2.5}, {1.0 / 3, 123456789}}),
            (Rows{{"1", "-2.5"}, {"0.333333", "123456789"}}));
  EXPECT_EQ(preview(Matrix(6, 6)).size(), 6U);
  EXPECT_EQ(preview(Matrix{{1e20, 1e-7}}), (Rows{{"1e+20", "1e-07"}}));
}

TEST(Preview, AbbreviatesLargeOnes) {
  Matrix matrix(7, 1);
  for (std::size_t i = 0; i < 7; ++i) matrix(i, 0) = static_cast<double>(i);
  EXPECT_EQ(preview(matrix), (Rows{{"0"}, {"1"}, {"2"}, {"3"}, {"…"}, {"6"}}));
  EXPECT_THAT(preview(Matrix(1, 100)), ElementsAre(ElementsAre("0", "0", "0", "0", "…", "0")));
}

}  // namespace
}  // namespace enxame::app
