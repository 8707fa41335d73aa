#include "net/system.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace enxame::net {

namespace {

constexpr std::size_t kSpareDescriptors = 128;

}  // namespace

int open_spare() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

void allow_descriptors(std::size_t connections) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t needed = connections + kSpareDescriptors;
  if (limit.rlim_cur >= needed) return;
  limit.rlim_cur = needed;
  if (needed > limit.rlim_max || setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    throw std::runtime_error(std::to_string(connections) + " connections need " +
                             std::to_string(needed) + " open files, this process may have " +
                             std::to_string(limit.rlim_max));
  }
}

void keep_freed_memory() {
  // The most that glibc takes. Larger bodies have mappings of their own, which come and go.
  constexpr int kLargestFromHeap = 32 << 20;
  constexpr int kKeptBytes = 256 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargestFromHeap);
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);
}

bool start_detached(std::function<void()> body, std::size_t stack_bytes) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (stack_bytes > 0) pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  auto owned = std::make_unique<std::function<void()>>(std::move(body));
  pthread_t thread{};
  const int error = pthread_create(
      &thread, &attributes,
      [](void* argument) -> void* {
        const std::unique_ptr<std::function<void()>> call(
            static_cast<std::function<void()>*>(argument));
        (*call)();
        return nullptr;
      },
      owned.get());
  pthread_attr_destroy(&attributes);
  if (error == 0) static_cast<void>(owned.release());
  return error == 0;
}

}  // namespace enxame::net
