#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

#include "load/sample_log.h"
#include "load/stalls.h"
#include "load/steadiness.h"
#include "load/window.h"

namespace enxame::load {

/// Which moment of a request's life decides to which stage it belongs.
enum class BelongsBy {
  end,    ///< closed loop: throughput is what ends in the window, wherever it began
  start,  ///< open loop: what arrives in the window is measured, however long it takes
};

/// Native workers answer tens of thousands of requests before their window opens.
inline constexpr std::uint64_t kMostWarmUpRows = 1'000;

struct TrialOptions {
  BelongsBy belongs_by = BelongsBy::end;
  std::size_t workers = 1;         ///< different workers to expect before the warm-up can end
  std::uint64_t max_errors = 100;  ///< requests that fail until the trial is given up; 0: never
  /// A window to which requests belong by their end closes with so many of them. nullopt: no limit.
  /// Of the warm-up only the first rows are written: a tenth as many, at most kMostWarmUpRows, and
  /// each worker's first.
  std::optional<std::uint64_t> max_samples = std::nullopt;
  std::size_t span = Steadiness::kSpan;  ///< of the warm-up, see Steadiness
  Duration block = Steadiness::kBlock;   ///< of the warm-up, see Steadiness
};

/// What is known of a trial while it runs.
struct Progress {
  Stage stage;
  Duration elapsed;         ///< since the stage began, at most the length of the window
  std::uint64_t samples;    ///< in this stage
  Duration response_total;  ///< sum over those samples
  std::size_t steady_workers;
  std::optional<Window> window{};  ///< told once, as it is set: when it opens and closes
  bool window_over = false;        ///< told once: what follows are the window's last requests
};

/// What a trial came to.
struct TrialResult {
  std::uint64_t warm_up_samples = 0;
  std::uint64_t samples = 0;     ///< measured
  std::uint64_t wrong = 0;       ///< products that were not the product, in all stages
  std::uint64_t errors = 0;      ///< requests that failed, in all stages
  std::uint64_t unfinished = 0;  ///< requests of the window that never ended; in no other number
  std::uint64_t completed = 0;   ///< right products that came in the window, whenever asked for
  Duration warm_up{};
  Duration measured{};
  /// How often threads of this process moved to another core in the window; nullopt: unknown.
  std::optional<std::uint64_t> migrations{};
  StallTotals stalls{};  ///< of this process, while requests of the window were under way
  std::size_t memory_start_bytes = 0;  ///< resident as the window began
  std::size_t memory_end_bytes = 0;    ///< resident as it ended
  bool steady = false;                 ///< false: the warm-up ended at its limit
  bool gave_up = false;                ///< max_errors was reached
};

/// The books of a trial: sorts samples into stages, counts them, writes them down, tells the thread
/// that directs the load when its next step is due, and stops the load when something is amiss.
/// record() may be called by many threads; everything else is for the thread that made the trial.
class Trial {
 public:
  using OnProgress = std::function<void(const Progress&)>;

  /// The warm-up begins now. `on_progress` is called while the director waits.
  Trial(const TrialOptions& options, SampleLog& log, OnProgress on_progress);

  /// Takes a sample, whose stage it decides; returns whether the load should go on.
  bool record(Sample sample);

  /// Takes the sample of a request that nobody waits for any longer. Throws std::runtime_error when
  /// it cannot be written.
  void record_unfinished(Sample sample);

  /// Waits for `least`, then until every worker is steady, but no longer than `limit`, both from
  /// the start of the trial.
  void wait_until_steady(Duration least, Duration limit);

  /// From `lead_in` after now on, requests are measured, for `duration`. The moment is set under
  /// the lock under which samples are sorted, so each falls on the right side of both edges; then
  /// it is reported.
  Window open_window(Duration lead_in, Duration duration);

  /// Waits until the window is over, or until the load is stopped, and reports that it is over.
  void wait_for_window();

  /// Waits until `done`, but no longer than until `deadline`. `done` is asked whenever a sample has
  /// been recorded or the load was stopped, and may not call this trial except stopped().
  void wait_for(const std::function<bool()>& done, Clock::time_point deadline);

  void stop();
  bool stopped() const { return stopped_; }

  /// What it came to. Throws what went wrong with the log.
  TrialResult result();

 private:
  using Lock = std::unique_lock<std::mutex>;

  struct Totals {
    std::uint64_t samples = 0;
    Duration response{};
  };

  Stage stage_at(Clock::time_point moment) const;
  bool is_written(const Sample& sample);
  Totals& totals(Stage stage) { return totals_[static_cast<std::size_t>(stage)]; }
  void count(const Sample& sample);
  void stop_locked();
  void wait_reporting(Lock& lock, Clock::time_point deadline, const std::function<bool()>& done);
  void report(Lock& lock, const Progress& progress);
  Progress snapshot();

  const TrialOptions options_;
  SampleLog& log_;
  const OnProgress on_progress_;
  const Clock::time_point origin_ = Clock::now();
  const StallWatch stall_watch_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Steadiness steadiness_;
  std::optional<Window> window_;
  std::optional<std::uint64_t> migrations_before_;
  std::unordered_set<std::string> heard_of_;  // in the warm-up
  std::array<Totals, 3> totals_{};
  TrialResult result_;
  std::exception_ptr failure_;
  bool wake_on_record_ = false;
  bool wake_when_steady_ = false;
  std::atomic<bool> stopped_ = false;
};

}  // namespace enxame::load
