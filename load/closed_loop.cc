#include "load/closed_loop.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "load/request.h"
#include "matmul/splitmix64.h"

namespace enxame::load {

namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(10);
constexpr Duration kLongestPause = std::chrono::milliseconds(100);

/// The waits of one client, each less long when it is to stop.
class Waits {
 public:
  Waits(const Jitter& jitter, std::size_t client)
      : most_(jitter.most), random_(jitter.seed + client) {}

  void before_submit(const std::stop_token& stop) {
    if (most_ == Duration::zero()) return;
    const double share = static_cast<double>(random_() >> 11) * 0x1p-53;
    wait(share * std::chrono::duration<double, std::nano>(most_), stop);
  }

  void after(Outcome outcome, const std::stop_token& stop) {
    if (outcome != Outcome::error) {
      pause_ = kFirstPause;
      return;
    }
    wait(pause_, stop);
    pause_ = std::min(2 * pause_, kLongestPause);
  }

 private:
  template <typename Time>
  void wait(Time time, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    stopping_.wait_for(lock, stop, time, [] { return false; });
  }

  const Duration most_;
  SplitMix64 random_;
  Duration pause_ = kFirstPause;
  std::mutex mutex_;
  std::condition_variable_any stopping_;
};

}  // namespace

ClosedClients::ClosedClients(Matmul& system, const Workload& workload, std::size_t in_flight,
                             Trial& trial, const Jitter& jitter) {
  clients_.reserve(in_flight);
  for (std::size_t client = 0; client < in_flight; ++client) {
    clients_.emplace_back([&, jitter, client](const std::stop_token& stop) {
      Waits waits(jitter, client);
      for (std::size_t i = 0;; ++i) {
        waits.before_submit(stop);
        Sample sample = make_request(system, workload.problem(client, i), client);
        const Outcome outcome = sample.outcome;
        const bool goes_on = trial.record(std::move(sample));
        if (!goes_on || stop.stop_requested()) return;
        waits.after(outcome, stop);
      }
    });
  }
}

ClosedClients::~ClosedClients() {
  for (std::jthread& client : clients_) client.request_stop();  // all, before one is waited for
}

TrialResult run_closed_loop(Matmul& system, const Workload& workload,
                            const ClosedLoopOptions& options, SampleLog& log,
                            const Trial::OnProgress& on_progress) {
  Trial trial({.belongs_by = BelongsBy::end,
               .workers = options.workers,
               .max_errors = options.max_errors,
               .max_samples = options.max_samples,
               .span = options.warm_up_span,
               .block = options.warm_up_block},
              log, on_progress);
  {
    const ClosedClients clients(system, workload, options.in_flight, trial, options.jitter);
    trial.wait_until_steady(options.warm_up_least, options.warm_up_limit);
    if (!trial.stopped()) {
      trial.open_window(Duration::zero(), options.duration);
      trial.wait_for_window();
    }
    trial.stop();
  }
  log.flush();
  return trial.result();
}

}  // namespace enxame::load
