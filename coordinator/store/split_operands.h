#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "coordinator/store/frame_view.h"
#include "coordinator/store/payload.h"
#include "matmul/codec/binary_codec.h"
#include "matmul/partition.h"
#include "wire/digester.h"

namespace enxame::coordinator {

/// A task's operands, from which its tiles take theirs: some rows of A each, and B, or some columns
/// of it, which tiles share. They are kept once, whatever the number of tiles; what a tile needs is
/// written when a worker takes it. Thread-safe.
class SplitOperands {
 public:
  /// `whole`, of which `partition` cuts the product, are translated to frames unless they are;
  /// `digester` names what tiles share and outlives this; with another `salt` it has another name.
  SplitOperands(std::shared_ptr<const Operands> whole, const Partition& partition,
                const wire::Digester& digester, std::string salt);

  const Partition& partition() const { return partition_; }

  /// What all this takes, including columns of B that have not been cut yet.
  std::size_t bytes() const;

  /// Bytes of the two frames of a tile.
  std::size_t bytes_of(std::size_t tile) const;

  /// The rows of A that the tile is the product of, where they lie, as long as this lives.
  FrameView a(std::size_t tile) const;

  /// The frame of what the tile needs of B, as long as this lives.
  std::string_view b_frame(std::size_t tile) const;

  /// What that frame is called.
  const wire::Digest& b_digest(std::size_t tile) const;

 private:
  /// What one column of tiles needs of B.
  struct ColumnBlock {
    std::once_flag cut{};
    std::once_flag named{};
    std::string own{};  ///< the frame, unless it is all of B
    wire::Digest digest{};
  };

  bool shares_all_of_b() const { return partition_.column_blocks() == 1; }
  FrameHeader a_header(std::size_t tile) const;
  FrameHeader b_header(std::size_t tile) const;
  ColumnBlock& column_block_of(std::size_t tile) const;

  std::shared_ptr<const Operands> whole_;  // in frames
  FrameView a_;
  FrameView b_;
  std::string_view b_frame_;
  Partition partition_;
  const wire::Digester& digester_;
  const std::string salt_;
  std::unique_ptr<ColumnBlock[]> column_blocks_;
};

}  // namespace enxame::coordinator
