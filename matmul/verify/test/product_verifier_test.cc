#include "matmul/verify/product_verifier.h"

#include <gtest/gtest.h>

#include "matmul/test/example.h"

namespace enxame {
namespace {

int chosen_of(int products, Verify verify) {
  const ProductVerifier verifier(verify);
  int chosen = 0;
  for (int i = 0; i < products; ++i) chosen += verifier.chooses() ? 1 : 0;
  return chosen;
}

TEST(ProductVerifierTest, ChoosesAllOrNoneOrOneInSixteen) {
  EXPECT_EQ(chosen_of(100, Verify::all), 100);
  EXPECT_EQ(chosen_of(100, Verify::off), 0);
  const int sampled = chosen_of(16'000, Verify::sample);
  EXPECT_GT(sampled, 800);  // 1,000, and six standard deviations of 31
  EXPECT_LT(sampled, 1'200);
}

TEST(ProductVerifierTest, FindsAWrongRow) {
  const ProductVerifier verifier(Verify::all);
  EXPECT_FALSE(verifier.find_wrong_row(kA, kB, kC));
  const auto wrong = verifier.find_wrong_row(kA, kB, Matrix{{19, 22}, {43, 51}});
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->row, 1U);
}

TEST(ProductVerifierTest, WeighsEachProductAnew) {
  const ProductVerifier verifier(Verify::all);
  const Matrix wrong{{19, 22}, {43, 51}};
  EXPECT_NE(verifier.find_wrong_row(kA, kB, wrong)->difference,
            verifier.find_wrong_row(kA, kB, wrong)->difference);
}

TEST(VerifyTest, HasTheNamesOfTheFlag) {
  EXPECT_EQ(to_string(Verify::off), "off");
  EXPECT_EQ(to_string(Verify::sample), "sample");
  EXPECT_EQ(to_string(Verify::all), "all");
}

}  // namespace
}  // namespace enxame
