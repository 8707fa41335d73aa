#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "matmul/kernel.h"
#include "wasm/logic/query.h"

namespace enxame {

/// How a worker gets its next task.
enum class Dispatch {
  poll,       ///< it asks at an interval and is answered at once
  long_poll,  ///< it asks, and the answer waits until there is a task
};

/// How a matrix travels.
enum class Codec {
  json,    ///< "[[1,2],[3,4]]" strings in JSON, as in the original system
  binary,  ///< frames (see matmul/binary_codec.h)
};

/// What a worker was told by the URL of its page.
struct WorkerOptions {
  std::string worker_id;
  Dispatch dispatch = Dispatch::long_poll;
  std::chrono::milliseconds interval{
      2'000};  ///< between two questions, from start to start; poll only
  std::chrono::milliseconds wait{
      25'000};  ///< how long the coordinator may keep a question; long-poll only
  Codec codec = Codec::json;
  Kernel kernel = best_kernel();
};

/// Reads the query of the worker's page. `default_id` is the worker's id when the query names none.
/// A parameter that is unknown or given twice is an error as well: a misspelt one would otherwise
/// measure something else than was asked for. Throws QueryError.
WorkerOptions parse_worker_options(std::string_view query, std::string_view default_id);

/// "long-poll for 25 s, codec json, kernel simd".
std::string to_words(const WorkerOptions& options);

/// Eight random letters and digits.
std::string random_worker_id();

}  // namespace enxame
