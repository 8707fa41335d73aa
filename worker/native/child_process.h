#pragma once

#include <sys/types.h>

#include <string>

#include "net/system.h"

namespace enxame::worker {

/// A program and its arguments, as a shell reads them, whose stdin and stdout are one socket that
/// we hold the other end of; its stderr is ours, and it has no other descriptor of ours. When this
/// is destroyed its input ends, and with that it should; it is killed when it has not in a second.
/// What it has started itself is left to see the end of its input.
/// It stays in this program's process group, so that whoever stops or kills that has both. SIGTERM
/// and SIGINT, which ask this program to end, and SIGUSR1 are blocked in it, unless it unblocks
/// them, as Node does.
class ChildProcess {
 public:
  /// Throws std::system_error when it cannot be started.
  explicit ChildProcess(const std::string& command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int socket() const { return socket_.get(); }

  /// Kills it, for another thread as well. It is waited for when this is destroyed.
  void kill() noexcept;

  /// How it has ended, in words, after it has stopped reading or writing: "exit status 127",
  /// "killed by signal 9". One that goes on nevertheless is killed.
  std::string wait();

 private:
  net::Descriptor socket_;
  pid_t pid_ = 0;
};

}  // namespace enxame::worker
