#pragma once

#include <Poco/Net/StreamSocket.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "testing/scratch.h"

namespace enxame::coordinator {

/// A beanstalkd (https://beanstalkd.github.io), the queue that a coordinator's cycles are compared
/// with, on a port of its own. It is ended when this is destroyed.
class Beanstalkd {
 public:
  /// Whether the program is there.
  static bool is_installed();

  /// With `synced` it keeps a log on the disk and has it written out after each change (`-b`,
  /// `-f0`). Throws std::runtime_error when it does not start.
  explicit Beanstalkd(bool synced);
  ~Beanstalkd();
  Beanstalkd(const Beanstalkd&) = delete;
  Beanstalkd& operator=(const Beanstalkd&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  Scratch log_;
  std::uint16_t port_ = 0;
  pid_t pid_ = 0;
};

/// A client of it: one send, and as a rule one receive, per command.
class BeanstalkConnection {
 public:
  explicit BeanstalkConnection(std::uint16_t port);

  /// Puts a job, reserves one, asks about it and deletes it: what a cycle of a task is.
  void run_cycle(std::string_view job);

 private:
  std::string_view exchange(std::string_view command, std::string_view expected);

  Poco::Net::StreamSocket socket_;
  std::string buffer_;
};

}  // namespace enxame::coordinator
