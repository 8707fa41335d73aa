#include "matmul/codec/codec.h"

namespace enxame {

std::string_view to_string(Codec codec) { return codec == Codec::json ? "json" : "binary"; }

}  // namespace enxame
