#pragma once

#include <string>
#include <string_view>

#include "load/sample.h"

namespace enxame::load {

/// The header of a samples file, which results/README.md explains column by column.
inline constexpr std::string_view kSampleHeader =
    "sample,stage,client,start_ms,response_ms,backlog_ms,lateness_ms,submit_ms,queue_ms,"
    "dispatch_ms,decode_ms,compute_ms,encode_ms,return_ms,collect_ms,clock_error_ms,worker,"
    "outcome,error\n";

/// A row of a samples file (RFC 4180), from its second column on and with its line break. Times are
/// in milliseconds, exact to the nanosecond; `start_ms` counts from `origin`.
std::string sample_row(const Sample& sample, Clock::time_point origin);

}  // namespace enxame::load
