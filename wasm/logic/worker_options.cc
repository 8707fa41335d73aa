#include "wasm/logic/worker_options.h"

#include <algorithm>
#include <random>
#include <set>
#include <stdexcept>

#include "wasm/logic/edge.h"
#include "wasm/logic/numbers.h"

namespace enxame {
namespace {

constexpr std::uint64_t kLongestMs = 60'000;
constexpr std::size_t kLongestId = 64;

[[noreturn]] void refuse(std::string_view name, std::string_view value, std::string_view expected) {
  throw QueryError(std::string(name) + "=" + std::string(value) + ": expected " +
                   std::string(expected));
}

std::chrono::milliseconds parse_milliseconds(std::string_view name, std::string_view value) {
  const auto number = parse_whole(value);
  if (!number || *number == 0 || *number > kLongestMs) {
    refuse(name, value, "milliseconds, a whole number from 1 to 60000");
  }
  return std::chrono::milliseconds(*number);
}

std::string parse_worker_id(std::string_view value) {
  const bool printable =
      std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (value.empty() || value.size() > kLongestId || !printable) {
    refuse("workerId", value, "1 to 64 printable ASCII characters without spaces");
  }
  return std::string(value);
}

Dispatch parse_dispatch(std::string_view value) {
  if (value == "poll") return Dispatch::poll;
  if (value == "long-poll") return Dispatch::long_poll;
  refuse("dispatch", value, "long-poll or poll");
}

Codec parse_codec(std::string_view value) {
  if (value == "json") return Codec::json;
  if (value == "binary") return Codec::binary;
  refuse("codec", value, "json or binary");
}

Kernel parse_kernel_parameter(std::string_view value) {
  try {
    return parse_kernel(value);
  } catch (const std::invalid_argument& error) {
    throw QueryError("kernel=" + std::string(value) + ": " + error.what());
  }
}

void apply(WorkerOptions& options, std::string_view name, std::string_view value) {
  if (name == "workerId") {
    options.worker_id = parse_worker_id(value);
  } else if (name == "dispatch") {
    options.dispatch = parse_dispatch(value);
  } else if (name == "interval") {
    options.interval = parse_milliseconds(name, value);
  } else if (name == "wait") {
    options.wait = parse_milliseconds(name, value);
  } else if (name == "codec") {
    options.codec = parse_codec(value);
  } else if (name == "kernel") {
    options.kernel = parse_kernel_parameter(value);
  } else {
    throw QueryError(std::string(name) +
                     ": unknown parameter, expected workerId, dispatch, interval, wait, codec or "
                     "kernel");
  }
}

}  // namespace

WorkerOptions parse_worker_options(std::string_view query, std::string_view default_id) {
  WorkerOptions options{.worker_id = std::string(default_id)};
  std::set<std::string> seen;
  for (const auto& [name, value] : parse_query(query)) {
    if (!seen.insert(name).second) {
      throw QueryError(name + "=" + value + ": expected each parameter only once");
    }
    apply(options, name, value);
  }
  return options;
}

std::string to_words(const WorkerOptions& options) {
  const std::string dispatch = options.dispatch == Dispatch::long_poll
                                   ? "long-poll for " + to_words(options.wait)
                                   : "poll every " + to_words(options.interval);
  return dispatch + ", codec " + (options.codec == Codec::json ? "json" : "binary") + ", kernel " +
         std::string(to_string(options.kernel));
}

std::string random_worker_id() {
  static constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  std::random_device entropy;
  std::string id(8, ' ');
  for (char& c : id) c = kLetters[entropy() % kLetters.size()];
  return id;
}

}  // namespace enxame
