#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "matmul/matrix_view.h"
#include "matmul/timing/phases.h"
#include "wire/digest.h"

namespace enxame::wire {

/// A matrix, and what keeps its memory alive.
struct KeptMatrix {
  MatrixView matrix;
  std::shared_ptr<const void> memory;
};

/// `matrix`, kept.
KeptMatrix kept(Matrix matrix);

/// What a worker keeps of the operands that were sent to it ahead of tasks, under the names that
/// their senders gave them. Bounded in bytes: what has been used least recently goes first. Each
/// sender finds only what it sent itself. Thread-safe.
class OperandCache {
 public:
  /// Tells senders from each other: a connection's number, say.
  using Owner = std::uint64_t;

  static constexpr std::size_t kDefaultMaxBytes = std::size_t{512} << 20;

  struct Found {
    KeptMatrix operand;
    /// What reading it took, told once: to the first task that uses it, for which it was read.
    Duration decode{};
  };

  explicit OperandCache(std::size_t max_bytes = kDefaultMaxBytes) : max_bytes_(max_bytes) {}
  OperandCache(const OperandCache&) = delete;
  OperandCache& operator=(const OperandCache&) = delete;

  /// Keeps `operand`, which took `decode` to read; in place of what `owner` kept under that digest.
  /// One that is larger than all there is room for is not kept.
  void keep(Owner owner, const Digest& digest, KeptMatrix operand, Duration decode);

  /// Nothing when it is not there (any more).
  std::optional<Found> find(Owner owner, const Digest& digest);

  /// Drops everything of that owner.
  void forget(Owner owner);

  std::size_t bytes() const;

 private:
  using Key = std::pair<Owner, Digest>;

  struct Entry {
    Key key;
    KeptMatrix operand;
    Duration decode;
  };

  using Entries = std::list<Entry>;  // used last comes first

  static std::size_t bytes_of(MatrixView matrix);
  void drop(Entries::iterator entry);

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::map<Key, Entries::iterator> places_;
  std::size_t bytes_ = 0;
};

}  // namespace enxame::wire
