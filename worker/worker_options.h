#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "matmul/codec/codec.h"
#include "matmul/kernel.h"
#include "worker/query.h"

namespace enxame::worker {

/// How a worker gets its next task.
enum class Dispatch {
  poll,       ///< it asks at an interval and is answered at once
  long_poll,  ///< it asks, and the answer waits until there is a task
  push,       ///< tasks come over a WebSocket that stands
};

inline constexpr std::array kDispatches{Dispatch::poll, Dispatch::long_poll, Dispatch::push};

/// "poll", "long-poll" or "push".
std::string_view to_string(Dispatch dispatch);

/// The codec of a worker that was told none: `push` knows `binary` alone, the others begin with the
/// original system's `json`.
Codec default_codec(Dispatch dispatch);

/// The most that a wait, an interval and a service time may be.
inline constexpr std::chrono::milliseconds kLongestWait{60'000};

/// What a worker was told by the URL of its page, or by its command line.
struct WorkerOptions {
  std::string worker_id;
  Dispatch dispatch = Dispatch::long_poll;
  std::chrono::milliseconds interval{
      2'000};  ///< between two questions, from start to start; poll only
  std::chrono::milliseconds wait{
      25'000};  ///< how long the coordinator may keep a question; long-poll only
  Codec codec = Codec::json;
  /// What computes, as the coordinator is told: this program, by that kernel, or another one.
  std::string engine = "native";
  /// The WASI program beside the page that computes in its place; empty: none does.
  std::string module;
  Kernel kernel = best_kernel();
  std::chrono::milliseconds service_time{0};  ///< every task is held at least so long, without work
  /// The connection over which somebody else says that this worker is there; empty: nobody does.
  std::string keeper{};

  /// A fault for tests: while it points to true, the first element of every product is wrong.
  const std::atomic<bool>* lies = nullptr;
};

/// "" when a worker can do what the options say, otherwise what it cannot.
std::string contradiction(const WorkerOptions& options);

/// Reads the query of the worker's page. `default_id` is the worker's id when the query names none.
/// A parameter that is unknown or given twice is an error as well: a misspelt one would otherwise
/// measure something else than was asked for. So is one that has no effect with the others.
/// Without `dispatch` tasks are pushed, unless the others are of a worker that asks. Throws
/// QueryError.
WorkerOptions parse_worker_options(std::string_view query, std::string_view default_id);

/// "long-poll for 25 s, codec json, kernel simd"; a service time is said as well.
std::string to_words(const WorkerOptions& options);

/// So many random letters and digits.
std::string random_name(std::size_t letters);
/// Eight of them.
std::string random_worker_id();
/// A name for a keeper that no other worker has.
std::string random_keeper();

}  // namespace enxame::worker
