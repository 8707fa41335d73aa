#include "coordinator/broker/claim_book.h"

#include <utility>

namespace enxame::coordinator {

namespace {

/// Names of workers have no line breaks, so that no two questions have the same.
std::string question_of(const Ask& ask) {
  return ask.request.empty() ? std::string() : ask.worker + "\n" + ask.request;
}

}  // namespace

void ClaimBook::note(const Claim& claim, const Ask& ask) {
  if (ask.keeper.empty() && ask.request.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = claims_[claim.lease];
    entry = {claim, ask.keeper, question_of(ask)};
    try {
      if (!entry.keeper.empty()) keepers_.emplace(entry.keeper, claim.lease);
      if (!entry.question.empty()) questions_[entry.question] = claim.lease;
    } catch (...) {
      forget(claim.lease);
      throw;
    }
  }
  // It may have ended before it was noted, of which nobody tells any more.
  try {
    const auto held = store_.held(claim.id, Holder::of(claim));
    if (held && !held->is_late) return;
  } catch (const NotHeld&) {
  } catch (const UnknownTask&) {
  }
  const std::lock_guard lock(mutex_);
  forget(claim.lease);
}

std::optional<Claim> ClaimBook::answer_to(const Ask& ask) const {
  if (ask.request.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = questions_.find(question_of(ask));
  if (found == questions_.end()) return std::nullopt;
  return claims_.at(found->second).claim;
}

std::vector<Claim> ClaimBook::kept_by(const std::string& keeper) const {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = keepers_.equal_range(keeper);
  std::vector<Claim> claims;
  for (auto each = begin; each != end; ++each) claims.push_back(claims_.at(each->second).claim);
  return claims;
}

std::optional<Claim> ClaimBook::take_kept_by(const std::string& keeper) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = keepers_.find(keeper);
  if (found == keepers_.end()) return std::nullopt;
  const Claim claim = claims_.find(found->second)->second.claim;
  forget(claim.lease);
  return claim;
}

void ClaimBook::came(const std::string& keeper) {
  const std::lock_guard lock(mutex_);
  ++connections_[keeper];
}

bool ClaimBook::left(const std::string& keeper) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(keeper);
  if (--found->second > 0) return false;
  connections_.erase(found);
  return true;
}

void ClaimBook::changed(const TaskChange& change) noexcept {
  if (!change.ended_lease()) return;
  const std::lock_guard lock(mutex_);
  forget(change.task.lease);
}

/// With the lock held.
void ClaimBook::forget(std::uint64_t lease) noexcept {
  const auto found = claims_.find(lease);
  if (found == claims_.end()) return;
  const Entry& entry = found->second;
  const auto [begin, end] = keepers_.equal_range(entry.keeper);
  for (auto each = begin; each != end; ++each) {
    if (each->second != lease) continue;
    keepers_.erase(each);
    break;
  }
  const auto question = questions_.find(entry.question);
  if (question != questions_.end() && question->second == lease) questions_.erase(question);
  claims_.erase(found);
}

}  // namespace enxame::coordinator
