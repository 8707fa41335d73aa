#include "worker/worker_loop.h"

#include <utility>

#include "worker/asking_courier.h"
#include "worker/pushed_courier.h"

namespace enxame::worker {
namespace {

std::unique_ptr<Courier> make_courier(const WorkerOptions& options, Edge& edge,
                                      WorkerProgress& progress, Workbench& bench) {
  if (options.dispatch == Dispatch::push) {
    return std::make_unique<PushedCourier>(options, edge, progress, bench);
  }
  return std::make_unique<AskingCourier>(options, edge, progress, bench);
}

}  // namespace

WorkerLoop::WorkerLoop(WorkerOptions options, Edge& edge)
    : options_(std::move(options)),
      progress_(edge),
      bench_(options_, edge, progress_),
      courier_(make_courier(options_, edge, progress_, bench_)) {}

}  // namespace enxame::worker
