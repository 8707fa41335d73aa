#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace enxame::testing {

/// What became of a command.
struct Finished {
  int status;  ///< its exit status, or 128 + the signal that ended it
  std::string out;
  std::string err;
};

/// Runs `command`, the program's path first, to its end.
Finished run(const std::vector<std::string>& command);

/// A program that listens. It is killed, if it still runs, when this is destroyed.
class Process {
 public:
  /// Starts it and waits for its `listening on HOST:PORT`; throws std::runtime_error when it says
  /// anything else.
  explicit Process(const std::vector<std::string>& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// "HOST:PORT".
  const std::string& listening_on() const { return listening_on_; }

  /// "HOST:PORT" of the line `metrics on HOST:PORT` before it; empty when there was none.
  const std::string& metrics_on() const { return metrics_on_; }

  void send(int signal) const;

  /// The most memory that it has had so far.
  std::size_t peak_bytes() const;

  /// Sends SIGKILL when `delay` has passed, without waiting for it.
  void kill_after(std::chrono::milliseconds delay);

  /// Waits for its end and returns its exit status, or 128 + the signal that ended it.
  int wait();

 private:
  pid_t pid_ = 0;
  int status_ = -1;
  std::string listening_on_;
  std::string metrics_on_;
  std::thread killer_;
};

}  // namespace enxame::testing
