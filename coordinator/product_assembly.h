#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "coordinator/payload.h"
#include "matmul/assembly.h"
#include "matmul/binary_codec.h"
#include "matmul/partition.h"

namespace enxame {

/// The product of a split task, put together from those of its tiles as they come. Thread-safe.
class ProductAssembly {
 public:
  ProductAssembly(const Partition& partition, Dtype dtype) : partition_(partition), dtype_(dtype) {}

  /// Bytes of the whole product.
  std::size_t bytes() const { return FrameHeader{dtype_, partition_.shape()}.frame_bytes(); }

  /// Asks for the product's memory, which the first tile would otherwise do.
  void prepare();

  /// Puts the product of a tile, of the right shape, into its place; a second one changes nothing.
  /// Throws std::invalid_argument when it has another dtype, or is text that is none.
  void place(std::size_t tile, const Result& product);

  /// The whole product, once each tile is in its place; call once.
  std::shared_ptr<const Result> take();

 private:
  const Partition partition_;
  const Dtype dtype_;
  std::once_flag prepared_;
  Result c_{Codec::binary, {}};
  std::optional<Assembly> assembly_;
};

}  // namespace enxame
