#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

namespace enxame::wire {

/// Bytes to receive into, beginning on a cache line, so that frames in it can be read where they
/// are. Growing leaves new bytes uninitialised and, for large buffers, moves pages in place of
/// copying; shrinking keeps the memory for the next time.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : memory_(std::move(other.memory_)),
        offset_(std::exchange(other.offset_, 0)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    memory_ = std::move(other.memory_);
    offset_ = std::exchange(other.offset_, 0);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }
  ~Buffer() = default;

  /// Grows or shrinks to `size` bytes, keeping what is there. Throws std::bad_alloc.
  void resize(std::size_t size) {
    if (size > capacity_) reallocate(size);
    size_ = size;
  }

  /// Gives back what is kept beyond size(). Throws std::bad_alloc.
  void shrink_to_fit() {
    if (size_ < capacity_) reallocate(size_);
  }

  char* data() { return memory_.get() + offset_; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  std::string_view view() const { return {memory_.get() + offset_, size_}; }

 private:
  static constexpr std::size_t kAlignment = 64;

  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };

  /// To a capacity of at least size().
  void reallocate(std::size_t capacity) {
    if (capacity > SIZE_MAX - kAlignment) throw std::bad_alloc();
    if (capacity < capacity_) {  // what lies behind an offset would be cut off
      std::memmove(memory_.get(), memory_.get() + offset_, size_);
      offset_ = 0;
    }
    void* moved = std::realloc(memory_.get(), capacity + kAlignment);
    if (moved == nullptr) throw std::bad_alloc();
    static_cast<void>(memory_.release());
    memory_.reset(static_cast<char*>(moved));
    const std::size_t past_line = reinterpret_cast<std::uintptr_t>(moved) % kAlignment;
    const std::size_t offset = past_line == 0 ? 0 : kAlignment - past_line;
    if (offset != offset_) std::memmove(memory_.get() + offset, memory_.get() + offset_, size_);
    offset_ = offset;
    capacity_ = capacity;
  }

  std::unique_ptr<char, Free> memory_;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace enxame::wire
