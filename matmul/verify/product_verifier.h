#pragma once

#include <optional>
#include <string_view>

#include "matmul/verify/freivalds.h"

namespace enxame {

/// Which products a server verifies.
enum class Verify {
  off,     ///< none
  sample,  ///< each with a probability of 1/16
  all,     ///< every one
};

/// "off", "sample" or "all".
std::string_view to_string(Verify verify);

/// Verifies the products of workers that are not trusted.
///
///   const ProductVerifier verifier(Verify::all);
///   if (verifier.chooses()) {
///     if (const auto wrong = verifier.find_wrong_row(a, b, c)) refuse(to_string(*wrong));
///   }
///
/// What is random comes from the system, for each product anew: who learns how a product was
/// verified, as from a WrongRow, knows nothing about the next. Thread-safe.
class ProductVerifier {
 public:
  explicit ProductVerifier(Verify verify) : verify_(verify) {}

  /// Whether the next product is to be verified. Ask once for each, before it is decoded for that.
  bool chooses() const;

  /// As find_wrong_row() of freivalds.h, with a secret seed.
  std::optional<WrongRow> find_wrong_row(MatrixView a, MatrixView b, MatrixView c) const;

 private:
  Verify verify_;
};

}  // namespace enxame
