#include "coordinator/rest/operand_index.h"

#include <algorithm>

namespace enxame::coordinator {

wire::Digest OperandIndex::add(const std::shared_ptr<const SplitOperands>& operands,
                               std::size_t tile) {
  const wire::Digest digest = operands->b_digest(tile);
  const std::lock_guard lock(mutex_);
  std::vector<Place>& places = places_[digest];
  std::erase_if(places, [](const Place& place) { return place.operands.expired(); });
  const bool is_known = std::any_of(places.begin(), places.end(), [&](const Place& place) {
    return place.operands.lock() == operands;
  });
  if (!is_known) places.push_back({operands, tile});
  if (places_.size() >= sweep_at_) sweep();
  return digest;
}

OperandIndex::Found OperandIndex::find(const wire::Digest& digest) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(digest);
  if (found == places_.end()) return {};
  for (const Place& place : found->second) {
    if (auto keeper = place.operands.lock()) {
      const std::string_view frame = keeper->b_frame(place.tile);
      return {std::move(keeper), frame};
    }
  }
  return {};
}

/// Drops what nobody keeps any more; the next sweep is due when twice as much is left.
void OperandIndex::sweep() {
  std::erase_if(places_, [](const auto& entry) {
    return std::all_of(entry.second.begin(), entry.second.end(),
                       [](const Place& place) { return place.operands.expired(); });
  });
  sweep_at_ = std::max<std::size_t>(64, 2 * places_.size());
}

}  // namespace enxame::coordinator
