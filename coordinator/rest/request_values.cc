#include "coordinator/rest/request_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include "http/fields.h"
#include "json/utf8.h"
#include "wire/rest.h"

namespace enxame::coordinator {

namespace {

constexpr std::uint64_t kMaxWorkerCount = 1'000'000;

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The number that `text`, all digits, stands for; `too_large` when it does not fit.
std::uint64_t number_of(std::string_view digits, std::uint64_t too_large) {
  std::uint64_t number = 0;
  const auto [_, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() ? number : too_large;
}

std::uint64_t number_parameter(const http::Request& request, const std::string& name,
                               std::uint64_t max) {
  const auto text = request.parameter(name);
  if (!text) return 0;
  const std::uint64_t number =
      is_digits(*text) ? number_of(*text, std::numeric_limits<std::uint64_t>::max()) : max + 1;
  if (number > max) {
    throw http::Error(400, name + " is \"" + json::quotable(*text) +
                               "\", expected a whole number from 0 to " + std::to_string(max));
  }
  return number;
}

/// A name: 1 to 128 visible ASCII characters; empty when the request does not say.
std::string name_parameter(const http::Request& request, const std::string& name) {
  const auto text = request.parameter(name);
  if (!text) return {};
  if (!wire::rest::is_worker_id(*text)) {
    throw http::Error(
        400, name + " is \"" + std::string(*text) + "\", expected " + wire::rest::kWorkerIdRule);
  }
  return std::string(*text);
}

}  // namespace

TaskId parse_task_id(std::string_view text) {
  if (!is_digits(text)) {
    throw http::Error(400, "the task is \"" + std::string(text) + "\", expected its number");
  }
  const TaskId id = number_of(text, 0);
  if (id == 0) throw http::Error(404, "there is no task " + std::string(text));
  return id;
}

std::string worker_id(const http::Request& request) { return name_parameter(request, "workerId"); }

std::string client_id(const http::Request& request) { return name_parameter(request, "clientId"); }

std::uint64_t lease(const http::Request& request) {
  return number_parameter(request, "lease", std::numeric_limits<std::uint64_t>::max() - 1);
}

std::string keeper(const http::Request& request) { return name_parameter(request, "keeper"); }

std::uint64_t question(const http::Request& request) {
  return number_parameter(request, "question", std::numeric_limits<std::uint64_t>::max() - 1);
}

WorkerDescription description(const http::Request& request) {
  return {name_parameter(request, "engine"), name_parameter(request, "kernel")};
}

std::string submission_key(const http::Request& request) {
  std::string_view key = request.header(wire::rest::kKeyHeader);
  if (key.empty()) return {};
  const bool is_quoted = key.size() >= 2 && key.starts_with('"') && key.ends_with('"');
  if (is_quoted) key = key.substr(1, key.size() - 2);
  if (!wire::rest::is_submission_key(key)) {
    throw http::Error(400, std::string(wire::rest::kKeyHeader) + " is \"" + json::quotable(key) +
                               "\", expected " + wire::rest::kSubmissionKeyRule);
  }
  return std::string(key);
}

PushRole push_role(const http::Request& request) {
  const auto role = request.parameter("role");
  for (const PushRole each : kPushRoles) {
    if (role == to_string(each)) return each;
  }
  throw http::Error(
      400, "role is \"" + std::string(role.value_or("")) + "\", expected worker, client or keeper");
}

std::chrono::milliseconds wait_time(const http::Request& request) {
  return std::chrono::milliseconds(number_parameter(request, "wait", kMaxWait.count()));
}

std::size_t worker_count(const http::Request& request) {
  return number_parameter(request, "count", kMaxWorkerCount);
}

Split split(const http::Request& request) {
  const auto tiles = request.parameter("tiles");
  const std::uint64_t count = number_parameter(request, "tiles", Split::kMaxTiles);
  if (tiles && count == 0) {
    throw http::Error(400, "tiles is \"0\", expected a whole number from 1 to " +
                               std::to_string(Split::kMaxTiles));
  }
  const std::string_view reuse = request.parameter("reuse").value_or("yes");
  if (reuse != "yes" && reuse != "no") {
    throw http::Error(400, "reuse is \"" + std::string(reuse) + "\", expected yes or no");
  }
  try {
    const SplitKind kind = parse_split_kind(request.parameter("split").value_or("none"));
    return {kind, static_cast<std::size_t>(count), reuse == "yes"};
  } catch (const std::invalid_argument& error) {
    throw http::Error(400, error.what());
  }
}

bool keeps_operands(const http::Request& request) {
  const auto how = request.parameter("operands");
  if (!how) return false;
  if (*how == "digest") return true;
  throw http::Error(400, "operands is \"" + std::string(*how) + "\", expected digest");
}

void check_question(const http::Request& request) {
  static_cast<void>(wait_time(request));
  static_cast<void>(keeps_operands(request));
}

Codec body_codec(const http::Request& request) {
  if (const auto encoding = request.header("Content-Encoding");
      !encoding.empty() && !http::equal_ignoring_case(encoding, "identity")) {
    throw http::Error(415, "Content-Encoding is \"" + std::string(encoding) + "\", expected none");
  }
  const std::string_view type = request.header("Content-Type");
  if (type.empty()) return Codec::json;
  if (http::lists(type, wire::rest::kBinaryType)) return Codec::binary;
  constexpr std::array<std::string_view, 3> kJsonTypes{wire::rest::kJsonType, "text/plain",
                                                       "application/x-www-form-urlencoded"};
  for (const std::string_view json : kJsonTypes) {
    if (http::lists(type, json)) return Codec::json;
  }
  throw http::Error(415, "Content-Type is \"" + std::string(type) +
                             "\", expected application/json or " + wire::rest::kBinaryType);
}

Codec wanted_codec(const http::Request& request) {
  return http::lists(request.header("Accept"), wire::rest::kBinaryType) ? Codec::binary
                                                                        : Codec::json;
}

bool wants_minimal(const http::Request& request) {
  return http::lists(request.header(wire::rest::kPreferHeader), wire::rest::kPreferMinimal);
}

bool wants_next(const http::Request& request) { return number_parameter(request, "next", 1) == 1; }

WorkerPhases worker_phases(const http::Request& request) {
  try {
    return parse_worker_phases(request.header(wire::rest::kWorkerTimingHeader));
  } catch (const std::invalid_argument& error) {
    throw http::Error(400, std::string(wire::rest::kWorkerTimingHeader) + ": " + error.what());
  }
}

}  // namespace enxame::coordinator
