#include "native-baseline/proxy/tiles.h"

#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "matmul/assembly.h"
#include "matmul/cut.h"
#include "native-baseline/rpc/huge_pages.h"

namespace enxame::native {
namespace {

/// What tiles need of B, by column block.
class ColumnBlocks {
 public:
  ColumnBlocks(const Matrix& b, const Partition& partition, const wire::Digester& digester,
               std::string_view salt) {
    copies_.reserve(partition.column_blocks());
    for (std::size_t i = 0; i < partition.column_blocks(); ++i) {
      if (partition.column_blocks() > 1) copies_.push_back(columns_of(b, partition.cols(i)));
      const MatrixView block = copies_.empty() ? MatrixView(b) : copies_.back();
      // Who wants a name of its own need not look at the content.
      blocks_.push_back(
          {block, salt.empty() ? digester(block) : digester({salt, " ", std::to_string(i)})});
    }
  }

  struct Block {
    MatrixView matrix;
    wire::Digest name;
  };

  const Block& operator[](std::size_t i) const { return blocks_[i]; }

 private:
  std::vector<Matrix> copies_;
  std::vector<Block> blocks_;
};

/// How the tiles of one multiplication ended, as told by many threads.
class Outcome {
 public:
  void ended(DeliveredTile tile) {
    const std::lock_guard lock(mutex_);
    last_ = std::move(tile);
  }
  void failed(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  bool has_failed() const {
    const std::lock_guard lock(mutex_);
    return error_ != nullptr;
  }
  /// The tile that ended last, or the failure that came first.
  DeliveredTile last() const {
    const std::lock_guard lock(mutex_);
    if (error_) std::rethrow_exception(error_);
    return *last_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<DeliveredTile> last_;
  std::exception_ptr error_;
};

}  // namespace

Product multiply_in_tiles(const Matrix& a, const Matrix& b, const Partition& partition,
                          const wire::Digester& digester, std::string_view salt, Stopwatch watch,
                          const DeliverTile& deliver) {
  const ColumnBlocks columns(b, partition, digester, salt);
  Matrix::Values values(partition.shape().size());
  rpc::prefer_huge_pages(values.data(), values.size() * sizeof(double));
  Assembly assembly(partition, sizeof(double), reinterpret_cast<char*>(values.data()));
  Outcome outcome;
  const auto deliver_one = [&](std::size_t i) {
    if (outcome.has_failed()) return;
    try {
      const auto& block = columns[partition.column_block_of(i)];
      outcome.ended(deliver({i, rows_of(a, partition.tile(i).rows), block.matrix, block.name},
                            watch,
                            [&](std::string_view elements) { assembly.place(i, elements); }));
    } catch (...) {
      outcome.failed(std::current_exception());
    }
  };
  {
    std::vector<std::jthread> others;
    others.reserve(partition.size());
    try {
      for (std::size_t i = 1; i < partition.size(); ++i) others.emplace_back(deliver_one, i);
    } catch (...) {  // no thread to be had
      outcome.failed(std::current_exception());
    }
    deliver_one(0);
  }
  DeliveredTile last = outcome.last();
  Product product{{partition.shape(), std::move(values)}, last.phases, last.worker};
  product.phases.collect += last.watch.lap();
  return product;
}

}  // namespace enxame::native
