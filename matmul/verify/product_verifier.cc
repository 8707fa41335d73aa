#include "matmul/verify/product_verifier.h"

#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>

namespace enxame {
namespace {

constexpr unsigned kSampledOneIn = 16;

std::uint64_t secret_seed() {
  std::random_device random;  // the system's, not a generator of this process
  const std::uint64_t high = random();
  return (high << 32) | random();
}

}  // namespace

std::string_view to_string(Verify verify) {
  switch (verify) {
    case Verify::off:
      return "off";
    case Verify::sample:
      return "sample";
    case Verify::all:
      return "all";
  }
  throw std::invalid_argument("unknown Verify number " + std::to_string(static_cast<int>(verify)));
}

bool ProductVerifier::chooses() const {
  if (verify_ == Verify::sample) return std::random_device()() % kSampledOneIn == 0;
  return verify_ == Verify::all;
}

std::optional<WrongRow> ProductVerifier::find_wrong_row(MatrixView a, MatrixView b,
                                                        MatrixView c) const {
  return enxame::find_wrong_row(a, b, c, secret_seed());
}

}  // namespace enxame
