#pragma once

#include <unistd.h>

#include <cstddef>
#include <functional>

namespace enxame::net {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(-1); }

  int get() const { return fd_; }
  void reset(int fd) {
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

/// A descriptor of nothing, to be given up when there is no other left.
int open_spare();

/// Raises this process's limit of open files as far as `connections` need it. Throws
/// std::runtime_error when it may not.
void allow_descriptors(std::size_t connections);

/// Has the allocator keep what is freed, in place of giving it back to the kernel at once: whoever
/// receives body after body would otherwise pay for their pages each time. Call it first in main().
void keep_freed_memory();

/// Runs `body` on a thread of its own, with a stack of so many bytes (0: as the system has it).
/// Returns false when there can be no more threads.
bool start_detached(std::function<void()> body, std::size_t stack_bytes = 0);

}  // namespace enxame::net
