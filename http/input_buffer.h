#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "http/fields.h"

namespace enxame::http {

/// Bytes received and not yet consumed. Has room for the largest head and some more, so that a full
/// buffer without a whole head is always a head that is too long.
class InputBuffer {
 public:
  std::string_view bytes() const { return {storage_.data() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }

  void consume(std::size_t count) { begin_ += count; }

  /// Where the next bytes go; never empty while the bytes that are here are no whole head.
  std::span<char> room() {
    if (begin_ > 0) {
      std::memmove(storage_.data(), storage_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return {storage_.data() + end_, storage_.size() - end_};
  }
  void received(std::size_t count) { end_ += count; }

 private:
  std::vector<char> storage_ = std::vector<char>(kMaxHeadBytes + 1024);
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace enxame::http
