#include "load/open_loop.h"

#include <sys/prctl.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "load/closed_loop.h"
#include "load/dispatcher.h"
#include "load/request.h"

namespace enxame::load {
namespace {

/// Has the kernel wake this thread when it is due, not up to 50 µs later together with others.
void sleep_precisely() { prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

/// The clients of an open loop, from start() to destruction.
class OpenClients {
 public:
  OpenClients(std::shared_ptr<Matmul> system, std::shared_ptr<const Workload> workload,
              std::shared_ptr<Dispatcher> dispatcher, Trial& trial)
      : load_{std::move(system), std::move(workload), std::move(dispatcher), trial} {}

  /// Waits for the clients that have nothing in flight, and leaves the others to themselves.
  ~OpenClients() {
    load_.dispatcher->stop();
    load_.dispatcher->abandon_in_flight();
    for (std::size_t client = 0; client < threads_.size(); ++client) {
      if (load_.dispatcher->abandoned(client)) {
        threads_[client].detach();
      } else {
        threads_[client].join();
      }
    }
  }
  OpenClients(const OpenClients&) = delete;
  OpenClients& operator=(const OpenClients&) = delete;

  void start(std::size_t clients) {
    threads_.reserve(clients);
    for (std::size_t client = 0; client < clients; ++client) {
      threads_.emplace_back([load = load_, client] { serve(load, client); });
    }
  }

 private:
  /// All that a client knows. Once its request is abandoned it no longer touches the trial, which
  /// may be gone by then; it shares the rest.
  struct Load {
    std::shared_ptr<Matmul> system;
    std::shared_ptr<const Workload> workload;
    std::shared_ptr<Dispatcher> dispatcher;
    Trial& trial;
  };

  static void serve(const Load& load, std::size_t client) {
    sleep_precisely();
    while (const auto arrival = load.dispatcher->next(client)) {
      const Problem& problem = load.workload->problem(arrival->number);
      Sample sample = make_request(*load.system, problem, client, *arrival);
      if (!load.dispatcher->finish(client) || !load.trial.record(std::move(sample))) return;
    }
  }

  const Load load_;
  std::vector<std::thread> threads_;
};

Sample unfinished_sample(const Unfinished& unfinished, Clock::time_point now) {
  const Duration waited = now - unfinished.arrival.due;
  const std::string ms =
      std::to_string(std::chrono::floor<std::chrono::milliseconds>(waited).count());
  Sample sample{.client = unfinished.client.value_or(0),
                .start = unfinished.arrival.due,
                .response = waited,
                .backlog = unfinished.arrival.backlog,
                .lateness = unfinished.arrival.lateness,
                .outcome = Outcome::unfinished};
  sample.error = "unfinished after " + ms + " ms";
  if (!unfinished.client) {
    sample.backlog = waited;
    sample.error += ": no client was free to submit it";
  }
  return sample;
}

/// Whether something was in flight.
bool give_up_unfinished(Dispatcher& dispatcher, Trial& trial) {
  const auto now = Clock::now();
  const std::vector<Unfinished> in_flight = dispatcher.abandon_in_flight();
  for (const Unfinished& one : in_flight) trial.record_unfinished(unfinished_sample(one, now));
  while (const auto one = dispatcher.abandon_overdue(now)) {
    trial.record_unfinished(unfinished_sample(*one, now));
  }
  return !in_flight.empty();
}

}  // namespace

OpenLoopResult run_open_loop(const std::shared_ptr<Matmul>& system,
                             const std::shared_ptr<const Workload>& workload,
                             const OpenLoopOptions& options, SampleLog& log,
                             const Trial::OnProgress& on_progress) {
  Trial trial({.belongs_by = BelongsBy::start,
               .workers = options.workers,
               .max_errors = options.max_errors,
               .max_samples = options.max_samples,
               .span = options.warm_up_span,
               .block = options.warm_up_block},
              log, on_progress);
  {
    const ClosedClients clients(*system, *workload, options.warm_up_in_flight, trial);
    trial.wait_until_steady(options.warm_up_least, options.warm_up_limit);
  }
  OpenLoopResult result;
  if (!trial.stopped()) {
    const Duration lead_in = lead_in_of(options.duration);
    const Window window = trial.open_window(lead_in, options.duration);
    const auto dispatcher = std::make_shared<Dispatcher>(options.schedule, window.start - lead_in,
                                                         window, options.max_in_flight);
    OpenClients clients(system, workload, dispatcher, trial);
    clients.start(options.max_in_flight);

    trial.wait_for_window();
    const auto limit = std::min(Clock::now(), window.end) + options.drain_limit;
    trial.wait_for([&] { return trial.stopped() || dispatcher->served(); }, limit);
    dispatcher->stop();
    trial.wait_for([&] { return dispatcher->idle(); }, limit);
    trial.stop();
    result.abandoned = give_up_unfinished(*dispatcher, trial);
    result.offered = dispatcher->offered();
    result.lateness = dispatcher->lateness();
  }
  log.flush();
  result.trial = trial.result();
  return result;
}

}  // namespace enxame::load
