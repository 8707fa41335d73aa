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

  /// To the microsecond.
  Row& instant(Duration since) {
    separate();
    append_ms(rounded(magnitude(since), kNsPerUs), since);
    return *this;
  }

  /// To five significant digits, and no finer than the clock: more tell nothing, and fill disks.
  Row& milliseconds(Duration duration) {
    constexpr std::uint64_t kEndOfFiveDigits = 100'000;
    const std::uint64_t ns = magnitude(duration);
    std::uint64_t step = 1;
    while (ns / step >= kEndOfFiveDigits) step *= 10;
    separate();
    append_ms(rounded(ns, step), duration);
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
  static constexpr std::uint64_t kNsPerUs = 1'000;
  static constexpr std::uint64_t kNsPerMs = 1'000'000;

  static std::uint64_t magnitude(Duration duration) {
    return static_cast<std::uint64_t>(std::chrono::abs(duration).count());
  }

  static std::uint64_t rounded(std::uint64_t ns, std::uint64_t step) {
    return (ns + step / 2) / step * step;
  }

  /// `ns` with the sign of `signed_by`, without zeros at its end.
  void append_ms(std::uint64_t ns, Duration signed_by) {
    if (signed_by < Duration::zero() && ns != 0) line_ += '-';
    append_integer(ns / kNsPerMs);
    std::uint64_t rest = ns % kNsPerMs;
    if (rest == 0) return;
    std::array<char, 6> decimals;
    for (auto digit = decimals.rbegin(); digit != decimals.rend(); ++digit, rest /= 10) {
      *digit = static_cast<char>('0' + rest % 10);
    }
    const std::string_view digits(decimals.data(), decimals.size());
    line_ += '.';
    line_ += digits.substr(0, digits.find_last_not_of('0') + 1);
  }

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
      .instant(sample.start - origin)
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
