#pragma once

#include <optional>
#include <string>

#include "coordinator/store/payload.h"

namespace enxame::coordinator {

/// Why `product` is not that of `operands`, in words; nothing when it is, within rounding.
std::optional<std::string> why_not_product(const Operands& operands, const Result& product);

/// Where two products of one task differ most, in words; nothing when they are the same, number for
/// number.
std::optional<std::string> difference(const Result& first, const Result& second);

}  // namespace enxame::coordinator
