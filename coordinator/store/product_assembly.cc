#include "coordinator/store/product_assembly.h"

#include <string>
#include <utility>

#include "coordinator/store/frame_view.h"

namespace enxame::coordinator {

void ProductAssembly::prepare() {
  std::call_once(prepared_, [this] {
    c_->wire = frame_head({Dtype::f64, partition_.shape()});
    c_->wire.resize(bytes());
    assembly_.emplace(partition_, sizeof(double), c_->wire.data() + kFrameHeaderBytes);
  });
}

void ProductAssembly::place(std::size_t tile, const Result& product) {
  prepare();
  const std::string translated = product.codec == Codec::json ? to_frame(product) : "";
  assembly_->place(tile,
                   view_frame(product.codec == Codec::json ? translated : product.wire).elements);
}

}  // namespace enxame::coordinator
