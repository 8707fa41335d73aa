#include "worker/worker_options.h"

#include <algorithm>
#include <random>
#include <set>
#include <stdexcept>

#include "wire/rest.h"
#include "worker/host.h"
#include "worker/numbers.h"

namespace enxame::worker {
namespace {

[[noreturn]] void refuse(std::string_view name, std::string_view value, std::string_view expected) {
  throw QueryError(std::string(name) + "=" + std::string(value) + ": expected " +
                   std::string(expected));
}

std::chrono::milliseconds parse_milliseconds(std::string_view name, std::string_view value,
                                             std::uint64_t least = 1) {
  const auto number = parse_whole(value);
  if (!number || *number < least || *number > static_cast<std::uint64_t>(kLongestWait.count())) {
    refuse(name, value, "milliseconds, a whole number from " + std::to_string(least) + " to 60000");
  }
  return std::chrono::milliseconds(*number);
}

std::string parse_name(std::string_view name, std::string_view value) {
  if (!wire::rest::is_worker_id(value)) refuse(name, value, wire::rest::kWorkerIdRule);
  return std::string(value);
}

Dispatch parse_dispatch(std::string_view value) {
  for (const Dispatch dispatch : kDispatches) {
    if (value == to_string(dispatch)) return dispatch;
  }
  refuse("dispatch", value, "long-poll, poll or push");
}

Codec parse_codec_parameter(std::string_view value) {
  for (const Codec codec : {Codec::json, Codec::binary}) {
    if (value == to_string(codec)) return codec;
  }
  refuse("codec", value, "json or binary");
}

Kernel parse_kernel_parameter(std::string_view value) {
  try {
    return parse_kernel(value);
  } catch (const std::invalid_argument& error) {
    throw QueryError("kernel=" + std::string(value) + ": " + error.what());
  }
}

/// A file beside the page, and nowhere else.
std::string parse_module(std::string_view value) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (value.size() < 6 || !value.ends_with(".wasm") || value.front() == '.' ||
      !std::ranges::all_of(value, is_plain)) {
    refuse("module", value, "the name of a file beside the page that ends in .wasm");
  }
  return std::string(value);
}

void apply(WorkerOptions& options, std::string_view name, std::string_view value) {
  if (name == "workerId") {
    options.worker_id = parse_name(name, value);
  } else if (name == "keeper") {
    options.keeper = parse_name(name, value);
  } else if (name == "dispatch") {
    options.dispatch = parse_dispatch(value);
  } else if (name == "interval") {
    options.interval = parse_milliseconds(name, value);
  } else if (name == "wait") {
    options.wait = parse_milliseconds(name, value);
  } else if (name == "codec") {
    options.codec = parse_codec_parameter(value);
  } else if (name == "kernel") {
    options.kernel = parse_kernel_parameter(value);
  } else if (name == "module") {
    options.module = parse_module(value);
    options.engine = options.module.substr(0, options.module.rfind('.'));
  } else if (name == "serviceTime") {
    options.service_time = parse_milliseconds(name, value, 0);
  } else {
    throw QueryError(std::string(name) +
                     ": unknown parameter, expected workerId, dispatch, interval, wait, codec, "
                     "kernel, module or serviceTime");
  }
}

/// A worker that was not told how it gets its tasks has them pushed: that takes none of the six
/// connections for requests that a browser has for all tabs of a coordinator together. What only an
/// asking worker can do is for one that asks.
Dispatch default_dispatch(const std::set<std::string>& given, Codec codec) {
  if (given.contains("interval")) return Dispatch::poll;
  const bool is_json = given.contains("codec") && codec == Codec::json;
  return given.contains("wait") || is_json ? Dispatch::long_poll : Dispatch::push;
}

void check_effect(const std::set<std::string>& given, std::string_view name, Dispatch needed,
                  Dispatch actual) {
  if (!given.contains(std::string(name)) || needed == actual) return;
  throw QueryError(
      std::string(name) + ": without effect with dispatch=" + std::string(to_string(actual)) +
      ", expected dispatch=" + std::string(to_string(needed)) + " or no " + std::string(name));
}

std::string dispatch_in_words(const WorkerOptions& options) {
  switch (options.dispatch) {
    case Dispatch::poll:
      return "poll every " + to_words(options.interval);
    case Dispatch::long_poll:
      return "long-poll for " + to_words(options.wait);
    case Dispatch::push:
      return "push";
  }
  return {};
}

}  // namespace

std::string_view to_string(Dispatch dispatch) {
  switch (dispatch) {
    case Dispatch::poll:
      return "poll";
    case Dispatch::long_poll:
      return "long-poll";
    case Dispatch::push:
      return "push";
  }
  return {};
}

Codec default_codec(Dispatch dispatch) {
  return dispatch == Dispatch::push ? Codec::binary : Codec::json;
}

std::string contradiction(const WorkerOptions& options) {
  if (options.dispatch != Dispatch::push || options.codec == Codec::binary) return {};
  return "codec=" + std::string(to_string(options.codec)) +
         ": expected binary, the only one of dispatch=push";
}

WorkerOptions parse_worker_options(std::string_view query, std::string_view default_id) {
  WorkerOptions options{.worker_id = std::string(default_id)};
  std::set<std::string> seen;
  for (const auto& [name, value] : parse_query(query)) {
    if (!seen.insert(name).second) {
      throw QueryError(name + "=" + value + ": expected each parameter only once");
    }
    apply(options, name, value);
  }
  if (!seen.contains("dispatch")) options.dispatch = default_dispatch(seen, options.codec);
  check_effect(seen, "interval", Dispatch::poll, options.dispatch);
  check_effect(seen, "wait", Dispatch::long_poll, options.dispatch);
  if (!seen.contains("codec")) options.codec = default_codec(options.dispatch);
  if (seen.contains("module") && seen.contains("kernel")) {
    throw QueryError("kernel: without effect with module=" + options.module +
                     ", which has its own");
  }
  if (const std::string wrong = contradiction(options); !wrong.empty()) throw QueryError(wrong);
  return options;
}

std::string to_words(const WorkerOptions& options) {
  std::string words = dispatch_in_words(options) + ", codec " +
                      std::string(to_string(options.codec)) +
                      (options.module.empty() ? ", kernel " + std::string(to_string(options.kernel))
                                              : ", module " + options.module);
  if (options.service_time > options.service_time.zero()) {
    words += ", service time " + to_words(options.service_time);
  }
  return words;
}

std::string random_name(std::size_t letters) {
  static constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  std::random_device entropy;
  std::string name(letters, ' ');
  for (char& c : name) c = kLetters[entropy() % kLetters.size()];
  return name;
}

std::string random_worker_id() { return random_name(8); }

std::string random_keeper() { return random_name(20); }

}  // namespace enxame::worker
