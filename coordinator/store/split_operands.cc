#include "coordinator/store/split_operands.h"

#include <string>
#include <utility>

#include "matmul/cut.h"

namespace enxame::coordinator {

namespace {

std::shared_ptr<const Operands> in_frames(std::shared_ptr<const Operands> operands) {
  if (operands->codec == Codec::binary) return operands;
  return std::make_shared<const Operands>(
      Operands{Codec::binary, to_frames(*operands), operands->product, {}});
}

}  // namespace

SplitOperands::SplitOperands(std::shared_ptr<const Operands> whole, const Partition& partition,
                             const wire::Digester& digester, std::string salt)
    : whole_(in_frames(std::move(whole))),
      partition_(partition),
      digester_(digester),
      salt_(std::move(salt)),
      column_blocks_(std::make_unique<ColumnBlock[]>(partition.column_blocks())) {
  std::string_view frames = whole_->wire;
  a_ = take_frame_view(frames);
  b_frame_ = frames;
  b_ = view_frame(frames);
}

std::size_t SplitOperands::bytes() const {
  return whole_->wire.size() + (shares_all_of_b() ? 0 : b_frame_.size());
}

std::size_t SplitOperands::bytes_of(std::size_t tile) const {
  return a_header(tile).frame_bytes() + b_header(tile).frame_bytes();
}

FrameView SplitOperands::a(std::size_t tile) const {
  const FrameHeader header = a_header(tile);
  const std::size_t row_bytes = header.shape.cols * element_bytes(header.dtype);
  const Range rows = partition_.tile(tile).rows;
  return {header, a_.elements.substr(rows.begin * row_bytes, rows.size * row_bytes)};
}

std::string_view SplitOperands::b_frame(std::size_t tile) const {
  if (shares_all_of_b()) return b_frame_;
  ColumnBlock& block = column_block_of(tile);
  std::call_once(block.cut, [&] {
    const FrameHeader header = b_header(tile);
    const std::size_t bytes = element_bytes(header.dtype);
    block.own = frame_head(header);
    block.own.resize(header.frame_bytes());
    copy_columns(b_.elements, b_.header.shape.cols * bytes, partition_.tile(tile).cols, bytes,
                 block.own.data() + kFrameHeaderBytes);
  });
  return block.own;
}

const wire::Digest& SplitOperands::b_digest(std::size_t tile) const {
  ColumnBlock& block = column_block_of(tile);
  std::call_once(block.named, [&] {
    // Who wants a name of its own need not look at the content.
    const std::string own_name = salt_ + " " + std::to_string(partition_.column_block_of(tile));
    block.digest = digester_({salt_.empty() ? b_frame(tile) : own_name});
  });
  return block.digest;
}

FrameHeader SplitOperands::a_header(std::size_t tile) const {
  return {a_.header.dtype, {partition_.tile(tile).rows.size, a_.header.shape.cols}};
}

FrameHeader SplitOperands::b_header(std::size_t tile) const {
  return {b_.header.dtype, {b_.header.shape.rows, partition_.tile(tile).cols.size}};
}

SplitOperands::ColumnBlock& SplitOperands::column_block_of(std::size_t tile) const {
  return column_blocks_[partition_.column_block_of(tile)];
}

}  // namespace enxame::coordinator
