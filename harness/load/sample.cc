#include "harness/load/sample.h"

#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>

namespace enxame::load {
namespace {

constexpr std::string_view kHeader =
    "sample,stage,client,start_ms,response_ms,submit_ms,queue_ms,transport_ms,decode_ms,compute_ms,"
    "encode_ms,collect_ms,closure_ms,worker,outcome,error\n";

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
  }
  throw std::logic_error("no such outcome");
}

class Row {
 public:
  Row& integer(std::uint64_t value) { return text(std::to_string(value)); }

  // Milliseconds with the nanosecond as their sixth decimal.
  Row& milliseconds(Duration duration) {
    std::array<char, 32> digits;
    const double ms = std::chrono::duration<double, std::milli>(duration).count();
    const auto end = std::to_chars(digits.begin(), digits.end(), ms, std::chars_format::fixed, 6);
    return text({digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
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

  const std::string& finish() { return line_ += '\n'; }

 private:
  void separate() {
    if (!first_) line_ += ',';
    first_ = false;
  }

  std::string line_;
  bool first_ = true;
};

}  // namespace

SampleLog::SampleLog(std::string path) : path_(std::move(path)), file_(path_, std::ios::trunc) {
  file_ << kHeader;
  require_good();
}

void SampleLog::append(const Sample& sample, std::chrono::steady_clock::time_point origin) {
  const Phases& phases = sample.phases;
  file_ << Row()
               .integer(rows_)
               .text(to_string(sample.stage))
               .integer(sample.client)
               .milliseconds(sample.start - origin)
               .milliseconds(sample.response)
               .milliseconds(phases.submit)
               .milliseconds(phases.queue)
               .milliseconds(phases.transport)
               .milliseconds(phases.worker.decode)
               .milliseconds(phases.worker.compute)
               .milliseconds(phases.worker.encode)
               .milliseconds(phases.collect)
               .milliseconds(sample.closure())
               .text(sample.worker)
               .text(to_string(sample.outcome))
               .text(sample.error)
               .finish();
  ++rows_;
  require_good();
}

void SampleLog::flush() {
  file_.flush();
  require_good();
}

void SampleLog::require_good() const {
  if (!file_) throw std::runtime_error("cannot write samples to " + path_);
}

}  // namespace enxame::load
