#include "worker/worker_loop.h"

#include <utility>

#include "worker/polling_task_source.h"
#include "worker/pushed_task_source.h"

namespace enxame::worker {
namespace {

std::unique_ptr<TaskSource> make_task_source(const WorkerOptions& options, Host& host,
                                             WorkerProgress& progress, TaskExecutor& executor) {
  if (options.dispatch == Dispatch::push) {
    return std::make_unique<PushedTaskSource>(options, host, progress, executor);
  }
  return std::make_unique<PollingTaskSource>(options, host, progress, executor);
}

}  // namespace

WorkerLoop::WorkerLoop(WorkerOptions options, Host& host, std::unique_ptr<Engine> engine)
    : options_(std::move(options)),
      progress_(host),
      engine_(engine ? std::move(engine) : std::make_unique<KernelEngine>(options_.kernel)),
      executor_(options_, host, progress_, *engine_),
      source_(make_task_source(options_, host, progress_, executor_)) {}

}  // namespace enxame::worker
