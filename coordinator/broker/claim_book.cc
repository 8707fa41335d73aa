#include "coordinator/broker/claim_book.h"

#include <utility>

namespace enxame::coordinator {

namespace {

/// No two questions have the same name: those of workers and keepers have no white space.
std::string name_of(const Ask& ask) {
  if (ask.question == 0) return {};
  return ask.worker + " " + ask.keeper + " " + std::to_string(ask.question);
}

}  // namespace

bool ClaimBook::note(const Claim& claim, const Ask& ask) {
  if (ask.keeper.empty() && ask.question == 0) return true;
  {
    const std::lock_guard lock(mutex_);
    if (has_no_use_for_answer(ask)) return false;
    Entry& entry = claims_[claim.lease];
    entry = {claim, ask.keeper, ask.question, name_of(ask)};
    try {
      if (!entry.keeper.empty()) keepers_.emplace(entry.keeper, claim.lease);
      if (!entry.name.empty()) questions_[entry.name] = claim.lease;
      const auto keeper = connected_.find(ask.keeper);
      if (keeper != connected_.end() && keeper->second.last_question == ask.question) {
        keeper->second.is_answered = true;
      }
    } catch (...) {
      forget(claim.lease);
      throw;
    }
  }
  // It may have ended before it was noted, of which nobody tells any more.
  try {
    const auto held = store_.held(claim.id, Holder::of(claim));
    if (held && !held->is_late) return true;
  } catch (const NotHeld&) {
  } catch (const UnknownTask&) {
  }
  const std::lock_guard lock(mutex_);
  forget(claim.lease);
  return true;
}

/// Of a question that has waited, with the lock held.
bool ClaimBook::has_no_use_for_answer(const Ask& ask) const {
  if (ask.question == 0) return false;
  if (questions_.contains(name_of(ask))) return true;
  const auto keeper = connected_.find(ask.keeper);
  return keeper != connected_.end() && keeper->second.last_question > ask.question;
}

bool ClaimBook::is_stale(const Ask& ask) const {
  if (ask.question == 0) return false;
  const std::lock_guard lock(mutex_);
  const auto keeper = connected_.find(ask.keeper);
  if (keeper == connected_.end()) return false;
  const Keeper& known = keeper->second;
  if (ask.question != known.last_question) return ask.question < known.last_question;
  return known.is_answered && !questions_.contains(name_of(ask));
}

std::optional<Claim> ClaimBook::take_unheard(const Ask& ask) {
  if (ask.question == 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto keeper = connected_.find(ask.keeper);
  if (keeper == connected_.end()) return std::nullopt;
  if (ask.question > keeper->second.last_question) {
    keeper->second.last_question = ask.question;
    keeper->second.is_answered = false;
  }
  const auto [begin, end] = keepers_.equal_range(ask.keeper);
  for (auto each = begin; each != end; ++each) {
    const Entry& entry = claims_.at(each->second);
    if (entry.question == 0 || entry.question >= ask.question) continue;
    const Claim claim = entry.claim;
    forget(claim.lease);
    return claim;
  }
  return std::nullopt;
}

std::optional<Claim> ClaimBook::answer_again(const Ask& ask) {
  if (ask.question == 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = questions_.find(name_of(ask));
  if (found == questions_.end()) return std::nullopt;
  Entry& entry = claims_.at(found->second);
  ++entry.answers;
  return entry.claim;
}

bool ClaimBook::was_lost(const Claim& claim) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = claims_.find(claim.lease);
  return found == claims_.end() || --found->second.answers == 0;
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
  ++connected_[keeper].connections;
}

bool ClaimBook::left(const std::string& keeper) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = connected_.find(keeper);
  if (--found->second.connections > 0) return false;
  connected_.erase(found);
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
  const auto question = questions_.find(entry.name);
  if (question != questions_.end() && question->second == lease) questions_.erase(question);
  claims_.erase(found);
}

}  // namespace enxame::coordinator
