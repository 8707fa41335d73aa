#include <emscripten.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "json/writer.h"
#include "wasm/browser/browser_host.h"
#include "wasm/browser/guest_engine.h"
#include "worker/worker_loop.h"

using namespace enxame;

namespace {

/// The worker of one Web Worker, and what it last said about itself.
struct WorkerModule {
  browser::BrowserHost host;
  std::optional<worker::WorkerLoop> loop;  ///< nothing when the URL could not be understood
  std::string view;
};

std::string refusal(std::string_view reason) {
  return json::Writer()
      .open_object()
      .member("state", "refused")
      .member("message", "The address of this page is wrong, so the worker does not start: " +
                             std::string(reason))
      .member("last-error", reason)
      .close_object()
      .take();
}

}  // namespace

extern "C" {

/// Makes the worker that the query of the page's URL asks for. It lives as long as the Web Worker.
EMSCRIPTEN_KEEPALIVE WorkerModule* worker_create(const char* query, std::size_t bytes) {
  auto worker = std::make_unique<WorkerModule>();
  try {
    const auto options = worker::parse_worker_options({query, bytes}, worker::random_worker_id());
    auto engine = options.module.empty() ? nullptr : std::make_unique<browser::GuestEngine>();
    worker->loop.emplace(options, worker->host, std::move(engine));
  } catch (const worker::QueryError& error) {
    worker->view = refusal(error.what());
  }
  return worker.release();
}

/// Starts it, unless its URL was refused.
EMSCRIPTEN_KEEPALIVE void worker_start(WorkerModule* worker) {
  if (worker->loop) worker->loop->start();
}

/// The state as a number, to tell cheaply whether it is another one.
EMSCRIPTEN_KEEPALIVE int worker_state(const WorkerModule* worker) {
  return worker->loop ? static_cast<int>(worker->loop->status().state) : -1;
}

/// What the page shows, as JSON; valid until the next call.
EMSCRIPTEN_KEEPALIVE const char* worker_view(WorkerModule* worker) {
  if (worker->loop) {
    worker->view =
        worker::to_view(worker->loop->options(), worker->loop->status(), worker->host.now());
  }
  return worker->view.c_str();
}

}  // extern "C"
