#include "load/closed_loop.h"

#include <condition_variable>
#include <mutex>

#include "load/request.h"
#include "matmul/splitmix64.h"

namespace enxame::load {

namespace {

/// The waits of one client.
class Waits {
 public:
  Waits(const Jitter& jitter, std::size_t client)
      : most_(jitter.most), random_(jitter.seed + client) {}

  /// Waits once, less long when it is to stop.
  void wait(const std::stop_token& stop) {
    if (most_ == Duration::zero()) return;
    const double share = static_cast<double>(random_() >> 11) * 0x1p-53;
    std::unique_lock lock(mutex_);
    stopping_.wait_for(lock, stop, share * std::chrono::duration<double, std::nano>(most_),
                       [] { return false; });
  }

 private:
  const Duration most_;
  SplitMix64 random_;
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
        waits.wait(stop);
        const bool goes_on =
            trial.record(make_request(system, workload.problem(client, i), client));
        if (!goes_on || stop.stop_requested()) return;
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
