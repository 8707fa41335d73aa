// What the C++ ABI library for WASI leaves out, since it is built without exceptions: a throw ends
// the program, and whoever started it finds that out.

#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <typeinfo>

extern "C" {

void* __cxa_allocate_exception(std::size_t bytes) noexcept {
  void* const exception = std::malloc(bytes);
  if (exception == nullptr) std::abort();
  return exception;
}

[[noreturn]] void __cxa_throw(void*, std::type_info* type, void (*)(void*)) {
  constexpr std::string_view kBefore = "ended by a C++ exception of type ";
  for (const std::string_view piece :
       {kBefore, std::string_view(type->name()), std::string_view("\n")}) {
    if (write(STDERR_FILENO, piece.data(), piece.size()) < 0) break;
  }
  std::abort();
}

/// Nothing outlives the one thread.
int __cxa_thread_atexit(void (*)(void*), void*, void*) noexcept { return 0; }

}  // extern "C"
