#pragma once

#include <cstddef>
#include <memory>

#include "coordinator/store/payload.h"
#include "coordinator/store/payload_ref.h"
#include "matmul/partition.h"

namespace enxame::coordinator {

/// Keeps what tasks are made of, operands and products, under references, until they are dropped.
/// Who has taken a payload out keeps it for as long as it needs it. Thread-safe.
class PayloadStore {
 public:
  /// A task's operands that tiles share, and where the products of its tiles come together.
  struct Divided {
    PayloadRef operands;
    PayloadRef product;
  };

  virtual ~PayloadStore() = default;

  virtual PayloadRef keep(std::shared_ptr<const Operands> operands) = 0;
  virtual PayloadRef keep(std::shared_ptr<const Result> product) = 0;

  /// Keeps operands of which `partition` cuts the product. Unless `reuse`, what tiles share has a
  /// name that no other task's has.
  virtual Divided keep_divided(std::shared_ptr<const Operands> operands, const Partition& partition,
                               bool reuse) = 0;

  /// The operands, or those of a tile; null when they were dropped.
  virtual std::shared_ptr<const Operands> operands(const PayloadRef& ref) const = 0;

  /// The product; null when it was dropped. That of a split task is to be read once each tile's is
  /// in its place.
  virtual std::shared_ptr<const Result> product(const PayloadRef& ref) const noexcept = 0;

  /// Asks for the memory of a split task's product, which the first tile would otherwise do. Where
  /// there is none, that tile asks again.
  virtual void prepare(const PayloadRef& operands) noexcept = 0;

  /// Puts the product of a tile into its place; a second one changes nothing, nor does one of
  /// operands that were dropped. Throws std::invalid_argument for one of another dtype.
  virtual void place(const PayloadRef& tile, const Result& product) = 0;

  virtual void drop(const PayloadRef& ref) noexcept = 0;

  /// What payloads take that were dropped, while somebody still has them: a product that is being
  /// sent.
  virtual std::size_t lingering_bytes() const noexcept = 0;
};

}  // namespace enxame::coordinator
