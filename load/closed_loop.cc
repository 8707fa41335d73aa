#include "load/closed_loop.h"

#include "load/request.h"

namespace enxame::load {

ClosedClients::ClosedClients(Matmul& system, const Workload& workload, std::size_t in_flight,
                             Trial& trial) {
  clients_.reserve(in_flight);
  for (std::size_t client = 0; client < in_flight; ++client) {
    clients_.emplace_back([&, client](const std::stop_token& stop) {
      for (std::size_t i = 0;; ++i) {
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
               .span = options.warm_up_span},
              log, on_progress);
  {
    const ClosedClients clients(system, workload, options.in_flight, trial);
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
