#include "cli/capabilities.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace enxame::cli {
namespace {

enum class Fruit { apple, pear };

std::string_view to_string(Fruit fruit) { return fruit == Fruit::apple ? "apple" : "pear"; }

TEST(Capabilities, AreOneLineOfJson) {
  EXPECT_EQ(to_json({.kernels = {"naive", "simd"}, .codecs = {"json"}, .transports = {}}),
            R"({"kernels":["naive","simd"],"codecs":["json"],"transports":[]})");
}

TEST(Capabilities, NameEachChoiceOnceAndInItsOrder) {
  EXPECT_EQ(names_of(std::array{Fruit::pear, Fruit::apple, Fruit::pear}),
            (std::vector<std::string>{"pear", "apple"}));
}

TEST(Capabilities, AreAskedForByAFlag) {
  bool asked = false;
  Flags flags("greeter", "Greets.");
  declare_capabilities(flags, asked);
  const std::array argv{"greeter", "--capabilities"};
  flags.parse(static_cast<int>(argv.size()), argv.data());
  EXPECT_TRUE(asked);
  EXPECT_NE(flags.help().find("--capabilities"), std::string::npos);
}

}  // namespace
}  // namespace enxame::cli
