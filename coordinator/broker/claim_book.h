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

  std::string keeper{};  ///< the connection that keeps what the worker holds; empty: none does
  /// Which question of the worker's it is, from 1 on; 0: it does not say. With a keeper, they rise,
  /// and a worker that asks another one has no task.
  std::uint64_t question = 0;
};

/// Which claims are kept by which keeper, and which were the answer to which question, for as long
/// as they last. Watches the store for their end. Thread-safe.
class ClaimBook : public TaskObserver {
 public:
  /// `store` outlives this.
  explicit ClaimBook(TaskStore& store) : store_(store) {}

  /// Notes what was claimed for that question. Returns whether it was: not when the question was
  /// asked twice and has another answer, or a later one has come, so that nobody waits for it.
  bool note(const Claim& claim, const Ask& ask);

  /// Whether the question was asked before a later one that has come, or was answered with a claim
  /// that is over: nobody waits for its answer.
  bool is_stale(const Ask& ask) const;

  /// The claim that the worker's question was answered with before, if it lasts: one more answer
  /// with it is on its way.
  std::optional<Claim> answer_again(const Ask& ask);

  /// One answer with that claim has not reached its worker. Returns whether no other has, or may.
  bool was_lost(const Claim& claim) noexcept;

  /// The question has come; a claim that was the answer to an earlier one of the same keeper, of
  /// which its worker has not heard, and which is not kept from now on.
  std::optional<Claim> take_unheard(const Ask& ask);

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
    std::uint64_t question = 0;
    std::string name;  // of the question
    std::size_t answers = 1;
  };

  struct Keeper {
    std::size_t connections = 0;
    std::uint64_t last_question = 0;
    bool is_answered = false;  // with a claim
  };

  bool has_no_use_for_answer(const Ask& ask) const;
  void forget(std::uint64_t lease) noexcept;

  TaskStore& store_;
  mutable std::mutex mutex_;                         // the store's is taken before it, never after
  std::unordered_map<std::uint64_t, Entry> claims_;  // by lease
  std::unordered_multimap<std::string, std::uint64_t> keepers_;
  std::unordered_map<std::string, std::uint64_t> questions_;  // by name
  std::unordered_map<std::string, Keeper> connected_;
};

}  // namespace enxame::coordinator
