#include "wasm/app/worker_watch.h"

#include <utility>

#include "json/reader.h"
#include "wire/rest.h"

namespace enxame::app {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kListInterval{2'000};
constexpr milliseconds kListTimeout{10'000};

KnownWorker read_worker(json::Reader& json) {
  KnownWorker worker;
  json.object([&](std::string_view key) {
    if (key == "workerId") {
      worker.id = json.string();
    } else if (key == "state") {
      worker.state = json.string();
    } else if (key == "lastSeenMs") {
      worker.last_seen_ms = json.whole_number();
    } else if (key == "completed") {
      worker.completed = json.whole_number();
    } else {
      json.skip();
    }
  });
  return worker;
}

}  // namespace

std::string_view to_string(WorkerWatch::Coordinator coordinator) {
  switch (coordinator) {
    case WorkerWatch::Coordinator::unknown:
      return "unknown";
    case WorkerWatch::Coordinator::reachable:
      return "reachable";
    case WorkerWatch::Coordinator::away:
      return "away";
    case WorkerWatch::Coordinator::refusing:
      return "refusing";
  }
  return {};
}

void WorkerWatch::ask() {
  host_.send({.method = "GET",
              .target = "/workers",
              .headers = {{"Accept", wire::rest::kJsonType}},
              .body = {},
              .timeout = kListTimeout},
             [this](const worker::HttpAnswer& answer) { on_answer(answer); });
}

void WorkerWatch::on_answer(const worker::HttpAnswer& answer) {
  milliseconds pause = kListInterval;
  const bool refuses = answer.status == 401 || answer.status == 403 || answer.status == 421;
  if (answer.status == 0 || answer.status >= 500 || worker::is_foreign(answer)) {
    pause = backoff_.next();
    coordinator_ = Coordinator::away;
    message_ = "The coordinator does not serve: " + worker::describe(answer) +
               "; asking again in " + worker::to_words(pause);
  } else if (refuses) {
    pause = backoff_.next();
    coordinator_ = Coordinator::refusing;
    message_ = "The coordinator refuses this page: " + worker::describe(answer) +
               "; asking again in " + worker::to_words(pause);
  } else {
    backoff_.reset();
    coordinator_ = Coordinator::reachable;
    message_ = "The coordinator answers";
    read_workers(answer.status == 200 ? answer.body : std::string_view());
  }
  host_.changed();
  host_.after(pause, [this] { ask(); });
}

void WorkerWatch::read_workers(std::string_view body) {
  std::vector<KnownWorker> workers;
  json::Reader json(body);
  try {
    json.object([&](std::string_view key) {
      if (key == "workers") {
        json.array([&] { workers.push_back(read_worker(json)); });
      } else {
        json.skip();
      }
    });
    json.end();
  } catch (const json::Error&) {
    message_ = "The coordinator answers, but does not list its workers";
  }
  workers_ = std::move(workers);
}

}  // namespace enxame::app
