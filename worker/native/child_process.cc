#include "worker/native/child_process.h"

#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

namespace enxame::worker {

namespace {

/// How long one may take to end that has closed its side.
constexpr std::chrono::milliseconds kPatience{1'000};

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

/// What posix_spawn() is told: both ends of the conversation, and the signals.
class Orders {
 public:
  explicit Orders(int conversation) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, conversation, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, conversation, STDOUT_FILENO);
    // Connections above all, whose end is to show that this program is gone.
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);  // which this program ignores
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&signals, signal);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Orders() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }
  Orders(const Orders&) = delete;
  Orders& operator=(const Orders&) = delete;

  pid_t start(std::array<const char*, 4> argv) const {
    pid_t pid = 0;
    const int error = posix_spawn(&pid, argv[0], &actions_, &attributes_,
                                  const_cast<char**>(argv.data()), environ);
    if (error != 0) fail(error, "cannot start /bin/sh");
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// Waits until the process has ended, as long as patience lasts.
void await_end(pid_t pid) {
  const net::Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (process.get() < 0) return;
  pollfd polled{process.get(), POLLIN, 0};
  while (poll(&polled, 1, static_cast<int>(kPatience.count())) < 0 && errno == EINTR) {
  }
}

}  // namespace

ChildProcess::ChildProcess(const std::string& command) : socket_(-1) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    fail(errno, "cannot make a socket");
  }
  socket_.reset(ends[0]);
  const net::Descriptor theirs(ends[1]);
  // In the place of the shell, so that it is the program that is killed and waited for.
  const std::string line = "exec " + command;
  pid_ = Orders(theirs.get()).start({"/bin/sh", "-c", line.c_str(), nullptr});
}

ChildProcess::~ChildProcess() {
  if (pid_ == 0) return;
  // So that what it has made for itself, as a container, it can remove.
  shutdown(socket_.get(), SHUT_RDWR);
  await_end(pid_);
  kill();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ChildProcess::kill() noexcept {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  shutdown(socket_.get(), SHUT_RDWR);  // where another has the conversation
}

std::string ChildProcess::wait() {
  await_end(pid_);
  kill();
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0) {
    if (errno == EINTR) continue;
    pid_ = 0;
    return "somebody else has waited for it";
  }
  pid_ = 0;
  return WIFSIGNALED(status) ? "killed by signal " + std::to_string(WTERMSIG(status))
                             : "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace enxame::worker
