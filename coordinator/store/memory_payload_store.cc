#include "coordinator/store/memory_payload_store.h"

#include <new>
#include <string>
#include <utility>

#include "coordinator/store/product_assembly.h"
#include "coordinator/store/split_operands.h"

namespace enxame::coordinator {

/// A payload: one of these, and the assembly with what tiles share.
struct MemoryPayloadStore::Kept {
  explicit Kept(Bytes total) : lingering(std::move(total)) {}
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() {
    if (dropped) *lingering -= bytes;
  }

  std::shared_ptr<const Operands> operands;
  std::shared_ptr<const SplitOperands> shared;
  std::shared_ptr<ProductAssembly> assembly;
  std::shared_ptr<const Result> product;

  std::size_t bytes = 0;
  bool dropped = false;  // written before the store lets it go, read when the last one has
  Bytes lingering;
};

PayloadRef MemoryPayloadStore::keep(std::shared_ptr<const Operands> operands) {
  const std::size_t bytes = operands->wire.size();
  auto kept = std::make_shared<Kept>(lingering_);
  kept->operands = std::move(operands);
  return add(std::move(kept), bytes);
}

PayloadRef MemoryPayloadStore::keep(std::shared_ptr<const Result> product) {
  const std::size_t bytes = product->wire.size();
  auto kept = std::make_shared<Kept>(lingering_);
  kept->product = std::move(product);
  return add(std::move(kept), bytes);
}

PayloadStore::Divided MemoryPayloadStore::keep_divided(std::shared_ptr<const Operands> operands,
                                                       const Partition& partition, bool reuse) {
  auto kept = std::make_shared<Kept>(lingering_);
  kept->shared = std::make_shared<const SplitOperands>(std::move(operands), partition, digester_,
                                                       reuse ? "" : std::to_string(++last_salt_));
  kept->assembly = std::make_shared<ProductAssembly>(partition);
  auto product = std::make_shared<Kept>(lingering_);
  product->product = kept->assembly->product();
  const std::size_t bytes = kept->shared->bytes();
  const std::size_t product_bytes = kept->assembly->bytes();
  const PayloadRef ref = add(std::move(kept), bytes);
  try {
    return {ref, add(std::move(product), product_bytes)};
  } catch (const std::bad_alloc&) {
    drop(ref);
    throw;
  }
}

std::shared_ptr<const Operands> MemoryPayloadStore::operands(const PayloadRef& ref) const {
  auto kept = find(ref);
  if (kept == nullptr) return nullptr;
  if (!ref.tile) {
    const Operands* operands = kept->operands.get();
    return {std::move(kept), operands};
  }
  const SplitOperands* whole = kept->shared.get();
  const Shape product = whole->partition().tile(*ref.tile).shape();
  return std::make_shared<const Operands>(
      Operands{Codec::binary,
               {},
               product,
               TileOf{std::shared_ptr<const SplitOperands>(std::move(kept), whole), *ref.tile}});
}

std::shared_ptr<const Result> MemoryPayloadStore::product(const PayloadRef& ref) const noexcept {
  auto kept = find(ref);
  if (kept == nullptr) return nullptr;
  const Result* product = kept->product.get();
  return {std::move(kept), product};
}

void MemoryPayloadStore::prepare(const PayloadRef& operands) noexcept {
  const auto kept = find(operands);
  if (kept == nullptr) return;
  try {
    kept->assembly->prepare();
  } catch (const std::bad_alloc&) {
  }
}

void MemoryPayloadStore::place(const PayloadRef& tile, const Result& product) {
  if (const auto kept = find(tile)) kept->assembly->place(tile.tile.value(), product);
}

void MemoryPayloadStore::drop(const PayloadRef& ref) noexcept {
  std::shared_ptr<Kept> kept;  // freed, if this is the last to have it, when others can go on
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(ref.key);
  if (found == kept_.end()) return;
  kept = std::move(found->second);
  kept_.erase(found);
  kept->dropped = true;
  *lingering_ += kept->bytes;
}

PayloadRef MemoryPayloadStore::add(std::shared_ptr<Kept> kept, std::size_t bytes) {
  kept->bytes = bytes;
  const std::lock_guard lock(mutex_);
  kept_.emplace(last_key_ + 1, std::move(kept));
  return {++last_key_, bytes};
}

std::shared_ptr<MemoryPayloadStore::Kept> MemoryPayloadStore::find(
    const PayloadRef& ref) const noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(ref.key);
  return found == kept_.end() ? nullptr : found->second;
}

}  // namespace enxame::coordinator
