#include "load/sample_log.h"

#include <array>
#include <charconv>
#include <stdexcept>

#include "load/sample_row.h"

namespace enxame::load {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;

}  // namespace

SampleLog::SampleLog(std::string path) : path_(std::move(path)) {
  file_.rdbuf()->pubsetbuf(nullptr, 0);  // it is given whole buffers
  file_.open(path_, std::ios::trunc);
  if (!file_) throw std::runtime_error("cannot write samples to " + path_);
  filling_ = kSampleHeader;
}

SampleLog::~SampleLog() {
  file_.write(filling_.data(), static_cast<std::streamsize>(filling_.size()));
}

void SampleLog::append(const Sample& sample, Clock::time_point origin) {
  const std::string row = sample_row(sample, origin);
  Lock filling(filling_mutex_);
  std::array<char, 21> number;
  char* end = std::to_chars(number.data(), number.data() + number.size(), rows_++).ptr;
  *end++ = ',';
  filling_.append(number.data(), end).append(row);
  if (filling_.size() >= kBufferBytes) write_out(filling);
}

void SampleLog::flush() {
  Lock filling(filling_mutex_);
  write_out(filling);
}

/// Gives the lock up while it writes, so that others may fill the other buffer meanwhile.
void SampleLog::write_out(Lock& filling) {
  const Lock writing(writing_mutex_);
  filling_.swap(writing_);
  filling.unlock();
  file_.write(writing_.data(), static_cast<std::streamsize>(writing_.size()));
  writing_.clear();
  if (!file_) throw std::runtime_error("cannot write samples to " + path_);
}

}  // namespace enxame::load
