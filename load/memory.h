#pragma once

#include <cstddef>

namespace enxame::load {

/// Bytes of this process that are in memory (resident set). Throws std::runtime_error where the
/// system does not tell.
std::size_t resident_bytes();

}  // namespace enxame::load
