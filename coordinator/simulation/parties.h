#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "coordinator/simulation/node.h"
#include "coordinator/simulation/world.h"

namespace enxame::coordinator::simulation {

/// A worker as worker/ is: it asks, and repeats the question under the same name until it hears
/// something, computes, and returns what came of it until that is answered. Meanwhile its keeper
/// says that it is there. It may crash, freeze, err and lie.
class Worker {
 public:
  Worker(World& world, Node& node, std::size_t party);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();

 private:
  struct Work {
    Node::Given task;
    Answer answer;
  };

  /// What is done later is done by whom it was begun: not after a crash, and not while frozen.
  template <typename Then>
  void later(Duration delay, Then then);
  template <typename Then>
  void when_thawed(std::uint64_t life, Then then);

  void ask();
  void heard(std::uint64_t question, std::optional<Node::Given> given);
  void compute(const Node::Given& task);
  void give_back();
  void taken(std::uint64_t lease);
  void keep();
  void crash();

  World& world_;
  Node& node_;
  const std::size_t party_;
  std::uint64_t life_ = 0;      // grows with each crash
  std::uint64_t question_ = 1;  // that is asked, or will be
  bool is_asking_ = false;
  Duration frozen_until_{0};
  std::string keeper_;
  std::optional<Work> work_;
};

/// A client that submits one task after the other, each under a key of its own, and repeats what it
/// does not hear of, asks what became of it, sometimes cancels it, tries it again when it has
/// failed, and sees to it that the coordinator does not contradict itself:
///
/// - `one-task-per-key`: a key has one task;
/// - `one-answer`: a completed task has one product, its own, for ever.
class Client {
 public:
  Client(World& world, Node& node, std::size_t party);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void start() { submit(); }
  /// It submits nothing more.
  void finish() { is_finishing_ = true; }
  bool is_done() const { return is_done_; }
  std::uint64_t ended() const { return ended_; }

 private:
  void submit();
  void send_submission();
  void submitted(std::uint64_t number, std::optional<TaskId> id);
  void look();
  void looked(std::uint64_t number, std::uint64_t at, const Look& look);
  void found_end(const Look& look);
  void next();

  World& world_;
  Node& node_;
  const std::size_t party_;
  std::uint64_t number_ = 0;  // of the submission
  std::size_t tiles_ = 0;
  std::optional<TaskId> task_;
  std::optional<std::string> product_;
  std::uint64_t looks_ = 0;
  std::uint64_t last_look_ = 0;  // whose answer has come; earlier ones say nothing new
  bool is_finishing_ = false;
  bool is_done_ = false;
  std::uint64_t ended_ = 0;
};

}  // namespace enxame::coordinator::simulation
