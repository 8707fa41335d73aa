#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <string_view>

namespace enxame::rpc {

/// Bytes to receive into. Growing leaves new bytes uninitialised and, for large buffers, moves
/// pages in place of copying.
class Buffer {
 public:
  /// Grows or shrinks to `size` bytes, keeping what is there. Throws std::bad_alloc.
  void resize(std::size_t size) {
    if (size > 0) {
      void* moved = std::realloc(bytes_.get(), size);
      if (moved == nullptr) throw std::bad_alloc();
      static_cast<void>(bytes_.release());
      bytes_.reset(static_cast<char*>(moved));
    }
    size_ = size;
  }

  char* data() { return bytes_.get(); }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };

  std::unique_ptr<char, Free> bytes_;
  std::size_t size_ = 0;
};

}  // namespace enxame::rpc
