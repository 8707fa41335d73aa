#include "wire/operand_cache.h"

#include <iterator>
#include <utility>

namespace enxame::wire {

namespace {

// What an entry takes besides its elements: its places, allocation. Keeps tiny ones bounded, too.
constexpr std::size_t kEntryBytes = 256;

}  // namespace

KeptMatrix kept(Matrix matrix) {
  const auto memory = std::make_shared<const Matrix>(std::move(matrix));
  return {*memory, memory};
}

std::size_t OperandCache::bytes_of(MatrixView matrix) {
  return kEntryBytes + matrix.shape().size() * sizeof(double);
}

void OperandCache::keep(Owner owner, const Digest& digest, KeptMatrix operand, Duration decode) {
  const std::size_t bytes = bytes_of(operand.matrix);
  const std::lock_guard lock(mutex_);
  const Key key{owner, digest};
  if (const auto old = places_.find(key); old != places_.end()) drop(old->second);
  if (bytes > max_bytes_) return;
  while (bytes_ + bytes > max_bytes_) drop(std::prev(entries_.end()));
  const auto place = places_.emplace(key, entries_.end()).first;
  try {
    entries_.push_front({key, std::move(operand), decode});
  } catch (...) {  // no memory: the rest is as it was
    places_.erase(place);
    throw;
  }
  place->second = entries_.begin();
  bytes_ += bytes;
}

std::optional<OperandCache::Found> OperandCache::find(Owner owner, const Digest& digest) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find({owner, digest});
  if (place == places_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, place->second);
  Entry& entry = *place->second;
  return Found{entry.operand, std::exchange(entry.decode, Duration::zero())};
}

void OperandCache::forget(Owner owner) {
  const std::lock_guard lock(mutex_);
  auto place = places_.lower_bound({owner, Digest{}});
  while (place != places_.end() && place->first.first == owner) {
    const auto next = std::next(place);
    drop(place->second);
    place = next;
  }
}

std::size_t OperandCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void OperandCache::drop(Entries::iterator entry) {
  bytes_ -= bytes_of(entry->operand.matrix);
  places_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace enxame::wire
