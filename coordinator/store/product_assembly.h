#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>

#include "coordinator/store/payload.h"
#include "matmul/assembly.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/partition.h"

namespace enxame::coordinator {

/// The product of a split task, put together from those of its tiles as they come. Thread-safe.
class ProductAssembly {
 public:
  explicit ProductAssembly(const Partition& partition) : partition_(partition) {}

  /// Bytes of the whole product.
  std::size_t bytes() const { return FrameHeader{Dtype::f64, partition_.shape()}.frame_bytes(); }

  /// Asks for the product's memory, which the first tile would otherwise do.
  void prepare();

  /// Puts the product of a tile, of the right shape, into its place; a second one changes nothing.
  void place(std::size_t tile, const Result& product);

  /// The whole product, to be read once each tile is in its place.
  std::shared_ptr<const Result> product() const { return c_; }

 private:
  const Partition partition_;
  std::once_flag prepared_;
  const std::shared_ptr<Result> c_ = std::make_shared<Result>(Result{Codec::binary, {}});
  std::optional<Assembly> assembly_;
};

}  // namespace enxame::coordinator
