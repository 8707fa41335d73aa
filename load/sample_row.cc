#include "load/sample_row.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace enxame::load {
namespace {

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::warm_up:
      return "warm-up";
    case Stage::measured:
      return "measured";
    case Stage::tail:
      return "tail";
  }
  throw std::logic_error("no such stage");
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return "ok";
    case Outcome::wrong:
      return "wrong";
    case Outcome::error:
      return "error";
    case Outcome::unfinished:
      return "unfinished";
  }
  throw std::logic_error("no such outcome");
}

class Row {
 public:
  Row() { line_.reserve(256); }  // more than nearly all rows need

  Row& integer(std::uint64_t value) {
    separate();
    append_integer(value);
    return *this;
  }

  Row& milliseconds(Duration duration) {
    constexpr std::uint64_t kNsPerMs = 1'000'000;
    separate();
    if (duration < Duration::zero()) line_ += '-';
    const auto ns = static_cast<std::uint64_t>(std::chrono::abs(duration).count());
    append_integer(ns / kNsPerMs);
    line_ += '.';
    std::uint64_t rest = ns % kNsPerMs;
    std::array<char, 6> decimals;
    for (auto digit = decimals.rbegin(); digit != decimals.rend(); ++digit, rest /= 10) {
      *digit = static_cast<char>('0' + rest % 10);
    }
    line_.append(decimals.data(), decimals.size());
    return *this;
  }

  // Quoted as RFC 4180 asks where the text needs it.
  Row& text(std::string_view value) {
    separate();
    if (value.find_first_of(",\"\r\n") == std::string_view::npos) {
      line_ += value;
      return *this;
    }
    line_ += '"';
    for (const char c : value) {
      if (c == '"') line_ += '"';
      line_ += c;
    }
    line_ += '"';
    return *this;
  }

  std::string finish() && {
    line_ += '\n';
    return std::move(line_);
  }

 private:
  void separate() {
    if (!line_.empty()) line_ += ',';
  }

  void append_integer(std::uint64_t value) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    line_.append(digits.data(), end);
  }

  std::string line_;
};

}  // namespace

std::string sample_row(const Sample& sample, Clock::time_point origin) {
  const Phases& phases = sample.phases;
  Row row;
  row.text(to_string(sample.stage))
      .integer(sample.client)
      .milliseconds(sample.start - origin)
      .milliseconds(sample.response)
      .milliseconds(sample.backlog)
      .milliseconds(sample.lateness)
      .milliseconds(phases.submit)
      .milliseconds(phases.queue)
      .milliseconds(phases.dispatch)
      .milliseconds(phases.worker.decode)
      .milliseconds(phases.worker.compute)
      .milliseconds(phases.worker.encode)
      .milliseconds(phases.return_trip)
      .milliseconds(phases.collect)
      .milliseconds(phases.clock_error)
      .text(sample.worker)
      .text(to_string(sample.outcome))
      .text(sample.error);
  return std::move(row).finish();
}

}  // namespace enxame::load
