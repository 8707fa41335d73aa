#include "testing/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace enxame::testing {
namespace {

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category());
  }
  ~Pipe() {
    close_writer();
    ::close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

  /// Reads up to `last`, or to the end when nothing more can come.
  std::string read_to(char last) const {
    std::string text;
    char c = 0;
    while (::read(ends_[0], &c, 1) == 1) {
      text += c;
      if (c == last) break;
    }
    return text;
  }

 private:
  int ends_[2];
};

/// Starts `command`; its output goes to `out` and `err` where they are given.
pid_t spawn(const std::vector<std::string>& command, Pipe* out, Pipe* err) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (out != nullptr) posix_spawn_file_actions_adddup2(&actions, out->writer(), STDOUT_FILENO);
  if (err != nullptr) posix_spawn_file_actions_adddup2(&actions, err->writer(), STDERR_FILENO);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), command[0]);
  if (out != nullptr) out->close_writer();
  if (err != nullptr) err->close_writer();
  return pid;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Finished run(const std::vector<std::string>& command) {
  Pipe out;
  Pipe err;
  const pid_t pid = spawn(command, &out, &err);
  Finished finished{0, out.read_to('\0'), err.read_to('\0')};
  finished.status = wait_for(pid);
  return finished;
}

Process::Process(const std::vector<std::string>& command) {
  Pipe out;
  pid_ = spawn(command, &out, nullptr);
  std::string line = out.read_to('\n');
  const std::string metrics = "metrics on ";
  if (line.starts_with(metrics)) {
    metrics_on_ = line.substr(metrics.size(), line.size() - metrics.size() - 1);
    line = out.read_to('\n');
  }
  const std::string expected = "listening on ";
  if (!line.starts_with(expected) || !line.ends_with('\n')) {
    send(SIGKILL);
    throw std::runtime_error(command[0] + " says \"" + line + "\" (status " +
                             std::to_string(wait()) + "), expected " + expected + "HOST:PORT");
  }
  listening_on_ = line.substr(expected.size(), line.size() - expected.size() - 1);
}

Process::~Process() {
  if (killer_.joinable()) killer_.join();
  if (status_ >= 0) return;
  send(SIGKILL);
  wait_for(pid_);
}

void Process::send(int signal) const { ::kill(pid_, signal); }

std::size_t Process::peak_bytes() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
  }
  throw std::runtime_error("no VmHWM of process " + std::to_string(pid_));
}

void Process::kill_after(std::chrono::milliseconds delay) {
  killer_ = std::thread([this, delay] {
    std::this_thread::sleep_for(delay);
    send(SIGKILL);
  });
}

int Process::wait() {
  status_ = wait_for(pid_);
  return status_;
}

}  // namespace enxame::testing
