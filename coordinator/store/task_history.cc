#include "coordinator/store/task_history.h"

#include <algorithm>
#include <new>

namespace enxame::coordinator {

TaskHistory::TaskHistory(const TaskHistory& other)
    : kept_(other.kept_ == nullptr ? nullptr : std::make_unique<Kept>(*other.kept_)),
      left_out_(other.left_out_) {}

void TaskHistory::add(EndedClaim claim) noexcept {
  if (claims().size() == kMostClaims) {
    kept_->claims.erase(kept_->claims.begin());
    ++left_out_;
  }
  try {
    kept().claims.push_back(std::move(claim));
  } catch (const std::bad_alloc&) {
    ++left_out_;
  }
}

void TaskHistory::add(Contradiction contradiction) noexcept {
  if (contradictions().size() == kMostContradictions) {
    ++left_out_;
    return;
  }
  try {
    kept().contradictions.push_back(std::move(contradiction));
  } catch (const std::bad_alloc&) {
    ++left_out_;
  }
}

const std::vector<EndedClaim>& TaskHistory::claims() const noexcept {
  static const std::vector<EndedClaim> none;
  return kept_ == nullptr ? none : kept_->claims;
}

const std::vector<Contradiction>& TaskHistory::contradictions() const noexcept {
  static const std::vector<Contradiction> none;
  return kept_ == nullptr ? none : kept_->contradictions;
}

const EndedClaim* TaskHistory::find(std::uint64_t lease) const noexcept {
  const auto& all = claims();
  const auto found = std::ranges::find(all, lease, &EndedClaim::lease);
  return found == all.end() ? nullptr : &*found;
}

std::size_t TaskHistory::bytes() const noexcept {
  if (kept_ == nullptr) return 0;
  std::size_t bytes = sizeof(Kept) + claims().size() * sizeof(EndedClaim) +
                      contradictions().size() * sizeof(Contradiction);
  for (const EndedClaim& each : claims()) bytes += each.worker.size() + each.reason.size();
  for (const Contradiction& each : contradictions()) {
    bytes += each.worker.size() + each.difference.size();
  }
  return bytes;
}

/// Throws std::bad_alloc.
TaskHistory::Kept& TaskHistory::kept() {
  if (kept_ == nullptr) kept_ = std::make_unique<Kept>();
  return *kept_;
}

}  // namespace enxame::coordinator
