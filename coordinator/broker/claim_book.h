#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "coordinator/store/task_store.h"

namespace enxame::coordinator {

/// Who asks for a task, and what may be asked about it later.
struct Ask : Asker {
  using Asker::Asker;

  std::string keeper{};   ///< the connection that keeps what the worker holds; empty: none does
  std::string request{};  ///< what the worker calls this question; empty: nothing
};

/// Which claims are kept by which keeper, and which were the answer to which question, for as long
/// as they last. Watches the store for their end. Thread-safe.
class ClaimBook : public TaskObserver {
 public:
  /// `store` outlives this.
  explicit ClaimBook(TaskStore& store) : store_(store) {}

  /// Notes what was claimed for that question.
  void note(const Claim& claim, const Ask& ask);

  /// The claim that the worker's question was answered with before, if it lasts.
  std::optional<Claim> answer_to(const Ask& ask) const;

  /// The claims that are kept by that keeper.
  std::vector<Claim> kept_by(const std::string& keeper) const;
  /// One of them, which is not kept from now on.
  std::optional<Claim> take_kept_by(const std::string& keeper) noexcept;

  /// A connection of that keeper stands, or has ended; left() returns whether it was the last.
  void came(const std::string& keeper);
  bool left(const std::string& keeper) noexcept;

  void changed(const TaskChange& change) noexcept override;

 private:
  struct Entry {
    Claim claim;
    std::string keeper;
    std::string question;
  };

  void forget(std::uint64_t lease) noexcept;

  TaskStore& store_;
  mutable std::mutex mutex_;                         // the store's is taken before it, never after
  std::unordered_map<std::uint64_t, Entry> claims_;  // by lease
  std::unordered_multimap<std::string, std::uint64_t> keepers_;
  std::unordered_map<std::string, std::uint64_t> questions_;
  std::unordered_map<std::string, std::size_t> connections_;  // by keeper
};

}  // namespace enxame::coordinator
