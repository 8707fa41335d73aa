#include "matmul/verify/product_verifier.h"

#include <sys/random.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace enxame {
namespace {

constexpr unsigned kSampledOneIn = 16;

/// From the system, in 0.4 µs; std::random_device takes thirty times as long to be made.
std::uint64_t secret_bits() {
  std::uint64_t bits;
  if (getentropy(&bits, sizeof bits) != 0) {
    throw std::runtime_error("the system gives no random bits");
  }
  return bits;
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
  if (verify_ == Verify::sample) return secret_bits() % kSampledOneIn == 0;
  return verify_ == Verify::all;
}

std::optional<WrongRow> ProductVerifier::find_wrong_row(MatrixView a, MatrixView b,
                                                        MatrixView c) const {
  return enxame::find_wrong_row(a, b, c, secret_bits());
}

}  // namespace enxame
