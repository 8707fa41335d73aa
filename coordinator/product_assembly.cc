#include "coordinator/product_assembly.h"

#include <stdexcept>
#include <string>
#include <utility>

#include "coordinator/frame_view.h"

namespace enxame {

void ProductAssembly::prepare() {
  std::call_once(prepared_, [this] {
    c_.wire.reserve(bytes());
    c_.wire.append(frame_head({dtype_, partition_.shape()})).resize(bytes());
    assembly_.emplace(partition_, element_bytes(dtype_), c_.wire.data() + kFrameHeaderBytes);
  });
}

void ProductAssembly::place(std::size_t tile, const Result& product) {
  prepare();
  const std::string translated = product.codec == Codec::json ? to_frame(product, dtype_) : "";
  const FrameView frame = view_frame(product.codec == Codec::json ? translated : product.wire);
  if (frame.header.dtype != dtype_) {
    throw FrameError("the product is " + std::string(to_string(frame.header.dtype)) +
                     ", expected " + std::string(to_string(dtype_)) + " like its operands");
  }
  assembly_->place(tile, frame.elements);
}

std::shared_ptr<const Result> ProductAssembly::take() {
  if (!assembly_ || !assembly_->is_whole()) throw std::logic_error("tiles are missing");
  return std::make_shared<const Result>(std::move(c_));
}

}  // namespace enxame
