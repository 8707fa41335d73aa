#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wasm/app/submission.h"
#include "wasm/app/worker_watch.h"
#include "worker/host.h"
#include "worker/operands.h"

namespace enxame::app {

/// The main app: what a person has submitted, and the workers that are there to compute it.
class MainApp {
 public:
  /// `host` has to outlive the app, and the app every call back that it asked for.
  explicit MainApp(worker::Host& host) : host_(host), watch_(host) {}

  /// Begins to look for the coordinator. Call once.
  void start() { watch_.start(); }

  /// Submits matrices that have a product; returns the submission's number, counted from 1.
  std::uint64_t submit(worker::Operands operands);

  /// Submits once more what has failed or was lost. Throws std::out_of_range for an unknown number.
  void submit_again(std::uint64_t number);

  /// Forgets a submission; its task, if it is still running, is left to the coordinator. Throws
  /// std::out_of_range.
  void dismiss(std::uint64_t number);

  /// Throws std::out_of_range for an unknown number.
  const Submission& submission(std::uint64_t number) const;

  const std::vector<std::shared_ptr<Submission>>& submissions() const { return submissions_; }
  const WorkerWatch& watch() const { return watch_; }

 private:
  /// A third connection serves the watch and what does not wait; that leaves three for workers in
  /// tabs beside.
  static constexpr int kLongPolls = 2;

  std::vector<std::shared_ptr<Submission>>::const_iterator find(std::uint64_t number) const;

  worker::Host& host_;
  WorkerWatch watch_;
  LongPolls long_polls_{kLongPolls};
  std::vector<std::shared_ptr<Submission>> submissions_;
  std::uint64_t submitted_ = 0;
};

/// What the page shows, as its script takes it: a JSON object of `coordinator`, `message`,
/// `workers` and `submissions`, in words.
std::string to_view(const MainApp& app);

}  // namespace enxame::app
