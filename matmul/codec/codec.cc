#include "matmul/codec/codec.h"

#include <stdexcept>
#include <string>

namespace enxame {

std::string_view to_string(Codec codec) { return codec == Codec::json ? "json" : "binary"; }

Codec parse_codec(std::string_view name) {
  for (const Codec codec : {Codec::json, Codec::binary}) {
    if (name == to_string(codec)) return codec;
  }
  throw std::invalid_argument("codec \"" + std::string(name) + "\", expected json or binary");
}

}  // namespace enxame
