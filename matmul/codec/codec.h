#pragma once

#include <string_view>

namespace enxame {

/// How a matrix travels.
enum class Codec {
  json,    ///< as text, "[[1,2],[3,4]]" (matmul/codec/text_codec.h)
  binary,  ///< as a frame (matmul/codec/binary_codec.h)
};

/// "json" or "binary".
std::string_view to_string(Codec codec);

}  // namespace enxame
