#pragma once

#include <prometheus/collectable.h>
#include <prometheus/registry.h>

#include <vector>

#include "http/message.h"
#include "metrics/process_metrics.h"

namespace enxame::metrics {

/// Everything that one process tells Prometheus: the process itself, what is registered, and what
/// is read anew for each answer.
class Exposition {
 public:
  prometheus::Registry& registry() { return registry_; }

  /// Adds families that are read for each answer; `source` must outlive this. To be called before
  /// the first answer().
  void add(const prometheus::Collectable& source) { sources_.push_back(&source); }

  /// The page, in Prometheus' text format:
  /// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
  http::Response answer() const;

 private:
  prometheus::Registry registry_;
  ProcessMetrics process_;
  std::vector<const prometheus::Collectable*> sources_{&process_, &registry_};
};

/// A server for a program that speaks no HTTP otherwise: GET and HEAD /metrics, and nothing else.
/// `exposition` must outlive it.
http::Handler metrics_only(const Exposition& exposition);

}  // namespace enxame::metrics
