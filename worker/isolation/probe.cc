// isolation-probe: tries to get out of what it runs in. It reads one line, the name of an attempt
// and what that needs, and says in one line how it went:
//
//   done TEXT     it has done or seen what it tried, TEXT of which shows that
//   refused TEXT  it was told that it may not, or that there is nothing
//   absent TEXT   what it runs in has no such call at all
//
// Or it says nothing more, because the attempt has ended it. One source, for this machine and for
// WASI; whether something was reached, who started it finds out (harness/src/probing/).

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#ifndef __wasi__
#include <arpa/inet.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include <csignal>
#endif

namespace {

/// Says how it went, and ends.
[[noreturn]] void say(const char* how, const std::string& text) {
  std::string line = text;
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::replace(line.begin(), line.end(), '\0', ' ');
  std::printf("%s %s\n", how, line.c_str());
  std::fflush(stdout);
  std::_Exit(0);
}

[[noreturn]] void done(const std::string& text) { say("done", text); }

[[noreturn]] void refused(const std::string& what) {
  say("refused", what + ": " + std::strerror(errno));
}

#ifdef __wasi__
[[noreturn]] void absent(const char* call) {
  say("absent", std::string("WASI preview 1 has no ") + call);
}
#endif

/// The beginning of a file.
std::string contents(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY);
  if (file < 0) refused("open " + path);
  std::string text(std::size_t{1} << 20, '\0');
  std::size_t size = 0;
  for (ssize_t came = 1; came > 0 && size < text.size();
       size += static_cast<std::size_t>(std::max<ssize_t>(came, 0))) {
    came = read(file, text.data() + size, text.size() - size);
  }
  text.resize(size);
  return text;
}

void read_host_file(const std::string& path) { done(contents(path)); }

void write_host_file(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0) refused("create " + path);
  if (write(file, "probe", 5) != 5) refused("write " + path);
  close(file);
  done("wrote " + path);
}

/// Writes past the end of an object, into the next one of its own memory.
void overflow_buffer(const std::string&) {
  struct Neighbours {
    std::array<char, 16> buffer;
    std::array<char, 16> secret;
  };
  const auto both = std::make_unique<Neighbours>();
  std::memset(both.get(), 's', sizeof *both);
  volatile char* const buffer = both->buffer.data();
  volatile std::size_t end = sizeof *both;  // or the compiler knows better
  for (std::size_t i = 0; i < end; ++i) buffer[i] = 'x';
  if (both->secret[0] == 'x') done("wrote over the next object");
  say("refused", "the next object is as it was");
}

/// Reads far beyond all that it has.
void read_wild_address(const std::string&) {
  volatile std::uintptr_t address = UINTPTR_MAX / 16 * 7;
  const char value = *reinterpret_cast<volatile const char*>(address);
  done("read " + std::to_string(value));
}

int add_one(int value) { return value + 1; }

/// Calls a function as if it were another.
void call_wrong_function(const std::string&) {
  int (*volatile right)(int) = add_one;
  const auto wrong =
      reinterpret_cast<double (*)(double, double, const char*)>(reinterpret_cast<void*>(right));
  done("called it: " + std::to_string(wrong(1, 2, "x")));
}

int deeper(volatile const char* above, int depth) {
  volatile char room[4096];
  room[0] = static_cast<char>(depth);
  if (above == room) return depth;
  return deeper(room, depth + 1) + room[0];
}

void overflow_stack(const std::string&) { done(std::to_string(deeper(nullptr, 0))); }

/// The smallest step of its clock.
void read_fine_clock(const std::string&) {
  const auto now = [] {
    timespec time{};
    if (clock_gettime(CLOCK_MONOTONIC, &time) != 0) refused("clock_gettime");
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  std::int64_t least = INT64_MAX;
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t before = now();
    const std::int64_t step = now() - before;
    if (step > 0) least = std::min(least, step);
  }
  done(std::to_string(least) + " ns");
}

void take_memory(const std::string&) {
  constexpr std::size_t kPiece = std::size_t{16} << 20;
  std::size_t taken = 0;
  for (; taken < std::size_t{1} << 30; taken += kPiece) {
    auto* const piece = static_cast<volatile char*>(std::malloc(kPiece));
    if (piece == nullptr) break;
    for (std::size_t i = 0; i < kPiece; i += 4096) piece[i] = 1;
  }
  done(std::to_string(taken >> 20) + " MiB");
}

/// Says after each piece how much it has, for whoever sees it killed.
void grow_memory(const std::string&) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  for (std::size_t taken = 1; taken <= 1024; ++taken) {
    auto* const piece = static_cast<volatile char*>(std::malloc(kPiece));
    if (piece == nullptr) refused("malloc");
    for (std::size_t i = 0; i < kPiece; i += 4096) piece[i] = 1;
    std::printf("%zu MiB\n", taken);
    std::fflush(stdout);
  }
  done("1024 MiB");
}

/// Computes for 10 s.
void spin(const std::string&) {
  timespec begin{};
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &begin);
  do {
    for (volatile int i = 0; i < 1'000'000; i = i + 1) {
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (now.tv_sec - begin.tv_sec < 10);
  done("10 s");
}

/// Computes for 2 s, and says how much processor time it had of them.
void burn(const std::string&) {
#ifdef __wasi__
  absent("times");
#else
  timespec begin{};
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &begin);
  const auto ms_since_begin = [&] {
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1'000'000;
  };
  while (ms_since_begin() < 2000) {
    for (volatile int i = 0; i < 100'000; i = i + 1) {
    }
  }
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  done(std::to_string(used.tv_sec * 1000 + used.tv_nsec / 1'000'000) + " ms");
#endif
}

void take_descriptors(const std::string&) {
  int taken = 0;
  for (; taken < 5000; ++taken) {
    if (open("/dev/null", O_RDONLY) < 0 && open("/", O_RDONLY) < 0) break;
  }
  if (taken == 0) refused("open /dev/null");
  done(std::to_string(taken) + " descriptors");
}

void read_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) say("refused", name + " is not set");
  done(value);
}

#ifdef __wasi__
void connect_to(const std::string&) { absent("socket() or connect()"); }
void see_process(const std::string& pid) { done(contents("/proc/" + pid + "/cmdline")); }
void signal_process(const std::string&) { absent("kill()"); }
void fork_itself(const std::string&) { absent("fork()"); }
void run_shell(const std::string&) { absent("exec()"); }
void run_own_code(const std::string&) { absent("mprotect()"); }
void take_threads(const std::string&) { absent("threads"); }
void read_host_name(const std::string&) { absent("gethostname()"); }
#else
void connect_to(const std::string& port) {
  const int peer = socket(AF_INET, SOCK_STREAM, 0);
  if (peer < 0) refused("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    refused("connect");
  }
  if (write(peer, "probe", 5) != 5) refused("write");
  done("connected");
}

void see_process(const std::string& pid) { done(contents("/proc/" + pid + "/cmdline")); }

void signal_process(const std::string& pid) {
  if (kill(static_cast<pid_t>(std::stol(pid)), SIGUSR1) != 0) refused("kill");
  done("sent");
}

void fork_itself(const std::string&) {
  const pid_t child = fork();
  if (child < 0) refused("fork");
  if (child == 0) std::_Exit(7);
  int status = 0;
  if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 7) refused("waitpid");
  done("forked");
}

void run_shell(const std::string&) {
  std::array<const char*, 4> argv{"/bin/sh", "-c", "exit 7", nullptr};
  pid_t child = 0;
  errno = posix_spawn(&child, argv[0], nullptr, nullptr, const_cast<char**>(argv.data()), nullptr);
  if (errno != 0) refused("posix_spawn /bin/sh");
  int status = 0;
  if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 7) refused("waitpid");
  done("ran /bin/sh");
}

/// Writes machine code and runs it: that of a function that returns.
void run_own_code(const std::string&) {
#if defined(__x86_64__)
  constexpr std::array<unsigned char, 6> kCode{0xb8, 7, 0, 0, 0, 0xc3};  // mov eax, 7; ret
#else
  constexpr std::array<std::uint32_t, 2> kCode{0x528000e0, 0xd65f03c0};  // mov w0, 7; ret
#endif
  void* const page =
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) refused("mmap");
  std::memcpy(page, kCode.data(), sizeof kCode);
  if (mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0) refused("mprotect");
  __builtin___clear_cache(static_cast<char*>(page), static_cast<char*>(page) + sizeof kCode);
  if (reinterpret_cast<int (*)()>(page)() != 7) say("refused", "it did something else");
  done("ran code that it wrote");
}

void take_threads(const std::string&) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 65536);
  int taken = 0;
  for (; taken < 1000; ++taken) {
    pthread_t thread{};
    const auto wait = [](void*) -> void* {
      for (;;) pause();
    };
    errno = pthread_create(&thread, &attributes, wait, nullptr);
    if (errno != 0) break;
  }
  if (taken == 0) refused("pthread_create");
  done(std::to_string(taken) + " threads");
}

void read_host_name(const std::string&) {
  utsname name{};
  if (uname(&name) != 0) refused("uname");
  done(name.nodename);
}
#endif

/// What the kernel shows of TCP sockets: all of the network that it is in.
void see_host_sockets(const std::string&) { done(contents("/proc/net/tcp")); }

struct Attempt {
  const char* name;
  void (*make)(const std::string& argument);
};

constexpr std::array kAttempts{
    Attempt{"read-host-file", read_host_file},
    Attempt{"write-host-file", write_host_file},
    Attempt{"read-environment", read_environment},
    Attempt{"read-host-name", read_host_name},
    Attempt{"connect", connect_to},
    Attempt{"see-host-sockets", see_host_sockets},
    Attempt{"see-process", see_process},
    Attempt{"signal-process", signal_process},
    Attempt{"fork", fork_itself},
    Attempt{"run-shell", run_shell},
    Attempt{"run-own-code", run_own_code},
    Attempt{"overflow-buffer", overflow_buffer},
    Attempt{"read-wild-address", read_wild_address},
    Attempt{"call-wrong-function", call_wrong_function},
    Attempt{"overflow-stack", overflow_stack},
    Attempt{"read-fine-clock", read_fine_clock},
    Attempt{"take-memory", take_memory},
    Attempt{"grow-memory", grow_memory},
    Attempt{"spin", spin},
    Attempt{"burn", burn},
    Attempt{"take-threads", take_threads},
    Attempt{"take-descriptors", take_descriptors},
};

}  // namespace

int main() {
  std::array<char, 4096> line{};
  if (std::fgets(line.data(), line.size(), stdin) == nullptr) return 0;  // whether it starts
  std::string name(line.data());
  while (!name.empty() && name.back() == '\n') name.pop_back();
  const std::size_t space = name.find(' ');
  const std::string argument = space == std::string::npos ? "" : name.substr(space + 1);
  name.resize(std::min(space, name.size()));
  for (const Attempt& attempt : kAttempts) {
    if (name == attempt.name) attempt.make(argument);
  }
  std::fprintf(stderr, "isolation-probe: no attempt is called '%s'\n", name.c_str());
  return 2;
}
