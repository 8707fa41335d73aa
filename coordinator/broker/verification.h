#pragma once

#include <optional>
#include <string>

#include "coordinator/store/payload.h"
#include "matmul/verify/product_verifier.h"

namespace enxame::coordinator {

/// A row of `product` that is not that of the product of `operands`, beyond rounding; nothing when
/// there is none. Frames are read where they lie, text is decoded.
std::optional<WrongRow> find_wrong_row(const ProductVerifier& verifier, const Operands& operands,
                                       const Result& product);

/// Whether a product of numbers of that size can be beyond what f64 holds; where it cannot, one
/// that is not finite is wrong.
bool can_overflow(const Operands& operands);

/// Where two products of one task differ most, in words; nothing when they are the same, number for
/// number. Throws std::invalid_argument for what is no matrix.
std::optional<std::string> difference(const Result& first, const Result& second);

}  // namespace enxame::coordinator
