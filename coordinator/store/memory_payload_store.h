#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "coordinator/store/payload_store.h"
#include "wire/digester.h"

namespace enxame::coordinator {

/// Keeps payloads in this process's memory. Who takes one out shares it.
class MemoryPayloadStore : public PayloadStore {
 public:
  PayloadRef keep(std::shared_ptr<const Operands> operands) override;
  PayloadRef keep(std::shared_ptr<const Result> product) override;
  Divided keep_divided(std::shared_ptr<const Operands> operands, const Partition& partition,
                       bool reuse) override;
  std::shared_ptr<const Operands> operands(const PayloadRef& ref) const override;
  std::shared_ptr<const Result> product(const PayloadRef& ref) const noexcept override;
  void prepare(const PayloadRef& operands) noexcept override;
  void place(const PayloadRef& tile, const Result& product) override;
  void drop(const PayloadRef& ref) noexcept override;
  std::size_t lingering_bytes() const noexcept override { return *lingering_; }

 private:
  struct Kept;
  /// Payloads may outlive the store that counts them.
  using Bytes = std::shared_ptr<std::atomic<std::size_t>>;

  PayloadRef add(std::shared_ptr<Kept> kept, std::size_t bytes);
  std::shared_ptr<Kept> find(const PayloadRef& ref) const noexcept;

  const wire::Digester digester_;
  const Bytes lingering_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::atomic<std::uint64_t> last_salt_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Kept>> kept_;  // by key
  std::uint64_t last_key_ = 0;
};

}  // namespace enxame::coordinator
