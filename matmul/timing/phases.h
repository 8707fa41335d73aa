#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace enxame {

using Duration = std::chrono::nanoseconds;

/// What a worker measures of one task, on its own monotonic clock.
struct WorkerPhases {
  Duration decode{};   ///< wire bytes to matrices
  Duration compute{};  ///< the kernel
  Duration encode{};   ///< product to wire bytes

  /// When the task was there and when its product was ready to leave, on the worker's clock, whose
  /// origin is its own: only matmul/timing/clock_offset.h can make something of them. Both zero
  /// when the worker does not say.
  Duration received_at{};
  Duration sent_at{};

  Duration total() const { return decode + compute + encode; }
};

/// Where the time of one multiplication went, as its caller sees it: the phases follow each other
/// without a gap, so that they add up to the time that the caller waited. Every duration is
/// measured by one process on its own clock; only where one phase ends on another's clock, as
/// dispatch does at the worker, the estimate of the clocks' offset decides
/// (matmul/timing/clock_offset.h).
struct Phases {
  Duration submit{};    ///< the caller encodes the task and hands it over
  Duration queue{};     ///< waiting until a worker takes it, and at the worker for its turn
  Duration dispatch{};  ///< on the way to the worker
  WorkerPhases worker;
  Duration return_trip{};  ///< on the way back from it
  Duration collect{};  ///< the product ready at the system's centre, until it is a matrix in the
                       ///< caller's hands

  /// Half the width of the interval that holds the clocks' offset: each of dispatch and return, and
  /// behind a coordinator or front also submit and collect, is right to ± this. Their sum does not
  /// depend on it. No part of the total.
  Duration clock_error{};

  Duration total() const {
    return submit + queue + dispatch + worker.total() + return_trip + collect;
  }
};

/// One metric of a Server-Timing header (W3C Server Timing).
struct NamedDuration {
  std::string name;
  Duration duration{};

  friend bool operator==(const NamedDuration&, const NamedDuration&) = default;
};

/// The value of a Server-Timing header: "queue;dur=0.012, away;dur=1.5", in milliseconds with up to
/// six decimals, so that no nanosecond is lost. Throws std::invalid_argument for a negative
/// duration.
std::string to_server_timing(std::span<const NamedDuration> durations);

/// The metrics of a Server-Timing value, in order; one without `dur` lasts zero. Other parameters
/// are passed over. Throws std::invalid_argument, quoting it, for a duration that is negative, not
/// finite, not a number, or beyond 292 years.
std::vector<NamedDuration> parse_server_timing(std::string_view server_timing);

/// The duration of the first metric of that name, zero when there is none.
Duration duration_of(std::span<const NamedDuration> durations, std::string_view name);

/// "decode;dur=0.012, compute;dur=1.5, encode;dur=0.02", and where the worker says when it received
/// and sent, ", received;dur=8125.4, sent;dur=8126.932": readings of its clock.
std::string to_server_timing(const WorkerPhases& phases);

/// `decode`, `compute`, `encode`, `received` and `sent` of a Server-Timing value; a missing one is
/// zero. Throws as parse_server_timing does.
WorkerPhases parse_worker_phases(std::string_view server_timing);

}  // namespace enxame
