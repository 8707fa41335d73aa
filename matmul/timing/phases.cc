#include "matmul/timing/phases.h"

#include <fast_float/fast_float.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <stdexcept>

namespace enxame {

namespace {

constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;
constexpr std::string_view kWhiteSpace = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

/// Takes what stands before the first `separator` outside double quotes off the front of `text`.
std::string_view take_until(char separator, std::string_view& text) {
  bool in_quotes = false;
  std::size_t i = 0;
  for (; i < text.size() && (in_quotes || text[i] != separator); ++i) {
    if (text[i] == '"') in_quotes = !in_quotes;
    if (text[i] == '\\' && in_quotes) ++i;
  }
  i = std::min(i, text.size());
  const std::string_view front = trimmed(text.substr(0, i));
  text.remove_prefix(std::min(i + 1, text.size()));
  return front;
}

bool is_dur(std::string_view name) {
  return name.size() == 3 && (name[0] | 0x20) == 'd' && (name[1] | 0x20) == 'u' &&
         (name[2] | 0x20) == 'r';
}

Duration parse_milliseconds(std::string_view text) {
  // The longest that nanoseconds hold in 63 bits.
  constexpr double kMaxMilliseconds = 9.2e12;
  double ms = 0;
  const auto [end, error] = fast_float::from_chars(text.data(), text.data() + text.size(), ms);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (!is_number || std::signbit(ms) || !(ms <= kMaxMilliseconds)) {
    constexpr std::size_t kQuoted = 40;
    const std::string quoted(text.substr(0, kQuoted));
    throw std::invalid_argument("Server-Timing: dur is \"" + quoted +
                                (text.size() > kQuoted ? "…" : "") +
                                "\", expected milliseconds from 0 to 9.2e12");
  }
  return Duration(std::llround(ms * static_cast<double>(kNanosecondsPerMillisecond)));
}

NamedDuration parse_metric(std::string_view metric) {
  NamedDuration parsed{std::string(take_until(';', metric)), {}};
  bool has_dur = false;
  while (!metric.empty()) {
    std::string_view parameter = take_until(';', metric);
    const std::string_view name = take_until('=', parameter);
    if (!is_dur(name) || has_dur) continue;
    std::string_view value = trimmed(parameter);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    parsed.duration = parse_milliseconds(value);
    has_dur = true;
  }
  return parsed;
}

std::string to_milliseconds(Duration duration) {
  const std::int64_t ns = duration.count();
  std::string text = std::to_string(ns / kNanosecondsPerMillisecond);
  if (const std::int64_t rest = ns % kNanosecondsPerMillisecond; rest != 0) {
    // The leading 1 keeps the zeros behind the point.
    std::string fraction = std::to_string(kNanosecondsPerMillisecond + rest);
    fraction.front() = '.';
    text += fraction.substr(0, fraction.find_last_not_of('0') + 1);
  }
  return text;
}

}  // namespace

std::string to_server_timing(std::span<const NamedDuration> durations) {
  std::string out;
  for (const auto& [name, duration] : durations) {
    if (duration < Duration::zero()) {
      throw std::invalid_argument("Server-Timing: " + name + " lasts " +
                                  std::to_string(duration.count()) + " ns, expected at least 0");
    }
    if (!out.empty()) out += ", ";
    out += name + ";dur=" + to_milliseconds(duration);
  }
  return out;
}

std::vector<NamedDuration> parse_server_timing(std::string_view server_timing) {
  std::vector<NamedDuration> durations;
  while (!server_timing.empty()) {
    const std::string_view metric = take_until(',', server_timing);
    if (!metric.empty()) durations.push_back(parse_metric(metric));
  }
  return durations;
}

Duration duration_of(std::span<const NamedDuration> durations, std::string_view name) {
  const auto found = std::find_if(durations.begin(), durations.end(),
                                  [&](const NamedDuration& each) { return each.name == name; });
  return found == durations.end() ? Duration::zero() : found->duration;
}

std::string to_server_timing(const WorkerPhases& phases) {
  const std::array<NamedDuration, 5> named{{{"decode", phases.decode},
                                            {"compute", phases.compute},
                                            {"encode", phases.encode},
                                            {"received", phases.received_at},
                                            {"sent", phases.sent_at}}};
  const bool says_when = phases.received_at != Duration::zero();
  return to_server_timing(std::span(named).first(says_when ? 5 : 3));
}

WorkerPhases parse_worker_phases(std::string_view server_timing) {
  const std::vector<NamedDuration> durations = parse_server_timing(server_timing);
  return {duration_of(durations, "decode"), duration_of(durations, "compute"),
          duration_of(durations, "encode"), duration_of(durations, "received"),
          duration_of(durations, "sent")};
}

}  // namespace enxame
