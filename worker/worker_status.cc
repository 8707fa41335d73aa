#include "worker/worker_status.h"

#include "json/writer.h"
#include "worker/host.h"
#include "worker/numbers.h"

namespace enxame::worker {
namespace {

std::string in_ms(Duration duration) {
  return milliseconds_in_words(std::chrono::duration<double, std::milli>(duration).count());
}

void write_last(json::Writer& json, const Multiplication& last) {
  const auto gflops = last.gflops();
  json.member("last-task", std::to_string(last.task))
      .member("last-shapes", to_string(last.a) + " times " + to_string(last.b))
      .member("gflops", gflops ? fixed(*gflops, 2) : "too short to tell")
      .member("decode", in_ms(last.phases.decode))
      .member("compute", in_ms(last.phases.compute))
      .member("encode", in_ms(last.phases.encode));
}

std::string in_words(Duration duration) {
  return to_words(std::chrono::duration_cast<std::chrono::milliseconds>(duration));
}

/// In the words of the main app (WorkerWatch), and in a sentence.
void write_coordinator(json::Writer& json, const WorkerStatus& status, Duration now) {
  const auto& absence = status.absence;
  if (absence && !absence->ended && status.state == WorkerState::asking) {
    json.member("coordinator", "unknown")
        .member("coordinator-now",
                "is asked again, after it has not served for " + in_words(now - absence->began));
  } else if (absence && !absence->ended) {
    json.member("coordinator", "away")
        .member("coordinator-now", "has not served for " + in_words(now - absence->began));
  } else if (!status.contact) {
    json.member("coordinator", "unknown").member("coordinator-now", "not reached yet");
  } else if (absence) {
    json.member("coordinator", "reachable")
        .member("coordinator-now", "serves again, after " +
                                       in_words(*absence->ended - absence->began) +
                                       " in which it did not");
  } else {
    json.member("coordinator", "reachable").member("coordinator-now", "serves");
  }
}

}  // namespace

std::string_view to_string(WorkerState state) {
  switch (state) {
    case WorkerState::asking:
      return "asking";
    case WorkerState::computing:
      return "computing";
    case WorkerState::returning:
      return "returning";
    case WorkerState::waiting:
      return "waiting";
  }
  return {};
}

std::optional<double> Multiplication::gflops() const {
  if (phases.compute <= Duration::zero()) return std::nullopt;
  const double operations = 2.0 * static_cast<double>(a.size()) * static_cast<double>(b.cols);
  return operations / static_cast<double>(phases.compute.count());
}

std::string to_view(const WorkerOptions& options, const WorkerStatus& status, Duration now) {
  json::Writer json;
  json.open_object()
      .member("worker-id", options.worker_id)
      .member("settings", to_words(options))
      .member("dispatch", to_string(options.dispatch))
      .member("kernel", to_string(options.kernel))
      .member("state", to_string(status.state))
      .member("message", status.message)
      .member("completed", std::to_string(status.completed))
      .member("refused", std::to_string(status.refused))
      .member("errors", std::to_string(status.errors))
      .member("last-error", status.last_error.empty() ? "none" : status.last_error);
  write_coordinator(json, status, now);
  if (status.last) write_last(json, *status.last);
  if (status.contact) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - *status.contact);
    json.member("contactAgeMs", age.count());
  }
  return json.close_object().take();
}

}  // namespace enxame::worker
