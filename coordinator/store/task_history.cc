#include "coordinator/store/task_history.h"

#include <algorithm>
#include <new>
#include <utility>

namespace enxame::coordinator {

void TaskHistory::add(EndedClaim claim) noexcept {
  if (claims_.size() == kMostClaims) {
    claims_.erase(claims_.begin());
    ++left_out_;
  }
  try {
    claims_.push_back(std::move(claim));
  } catch (const std::bad_alloc&) {
    ++left_out_;
  }
}

void TaskHistory::add(Contradiction contradiction) noexcept {
  if (contradictions_.size() == kMostContradictions) {
    ++left_out_;
    return;
  }
  try {
    contradictions_.push_back(std::move(contradiction));
  } catch (const std::bad_alloc&) {
    ++left_out_;
  }
}

const EndedClaim* TaskHistory::find(std::uint64_t lease) const noexcept {
  const auto found = std::ranges::find(claims_, lease, &EndedClaim::lease);
  return found == claims_.end() ? nullptr : &*found;
}

std::size_t TaskHistory::bytes() const noexcept {
  std::size_t bytes =
      claims_.size() * sizeof(EndedClaim) + contradictions_.size() * sizeof(Contradiction);
  for (const EndedClaim& each : claims_) bytes += each.worker.size() + each.reason.size();
  for (const Contradiction& each : contradictions_) {
    bytes += each.worker.size() + each.difference.size();
  }
  return bytes;
}

}  // namespace enxame::coordinator
