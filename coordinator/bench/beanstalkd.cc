#include "coordinator/bench/beanstalkd.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace enxame::coordinator {

namespace {

constexpr const char* kProgram = "/usr/bin/beanstalkd";
constexpr std::chrono::seconds kPatience{10};

std::uint16_t free_port() {
  const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
  return socket.address().port();
}

/// Of "RESERVED 7 25\r\n…" or "OK 120\r\n…": the bytes that follow the line; nothing for other
/// answers.
std::optional<std::size_t> bytes_after(std::string_view line) {
  if (!line.starts_with("RESERVED ") && !line.starts_with("OK ")) return std::nullopt;
  const std::string_view digits = line.substr(line.rfind(' ') + 1);
  std::size_t bytes = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
  return bytes + 2;
}

}  // namespace

bool Beanstalkd::is_installed() { return std::filesystem::exists(kProgram); }

Beanstalkd::Beanstalkd(bool synced) : port_(free_port()) {
  std::vector<std::string> command{kProgram, "-l", "127.0.0.1", "-p", std::to_string(port_)};
  if (synced) command.insert(command.end(), {"-b", log_.path(), "-f0"});
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  if (posix_spawn(&pid_, argv[0], nullptr, nullptr, argv.data(), environ) != 0) {
    throw std::runtime_error(std::string("cannot start ") + kProgram);
  }
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    try {
      const BeanstalkConnection ready(port_);
      return;
    } catch (const Poco::Exception&) {
      if (std::chrono::steady_clock::now() > deadline) throw;
      std::this_thread::yield();
    }
  }
}

Beanstalkd::~Beanstalkd() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

BeanstalkConnection::BeanstalkConnection(std::uint16_t port)
    : socket_(Poco::Net::SocketAddress("127.0.0.1", port)) {
  socket_.setNoDelay(true);
  socket_.setReceiveTimeout(Poco::Timespan(30, 0));
}

void BeanstalkConnection::run_cycle(std::string_view job) {
  std::string put = "put 0 0 60 " + std::to_string(job.size()) + "\r\n";
  put.append(job).append("\r\n");
  exchange(put, "INSERTED ");
  const std::string_view reserved = exchange("reserve\r\n", "RESERVED ");
  const std::size_t begin = std::string_view("RESERVED ").size();
  const std::string id(reserved.substr(begin, reserved.find(' ', begin) - begin));
  exchange("stats-job " + id + "\r\n", "OK ");
  exchange("delete " + id + "\r\n", "DELETED");
}

std::string_view BeanstalkConnection::exchange(std::string_view command,
                                               std::string_view expected) {
  socket_.sendBytes(command.data(), static_cast<int>(command.size()));
  buffer_.resize(4096);
  std::size_t have = 0;
  for (;;) {
    const int count =
        socket_.receiveBytes(buffer_.data() + have, static_cast<int>(buffer_.size() - have));
    if (count <= 0) throw std::runtime_error("beanstalkd closed the connection");
    have += static_cast<std::size_t>(count);
    const std::string_view answer(buffer_.data(), have);
    const std::size_t end = answer.find("\r\n");
    if (end == std::string_view::npos) continue;
    if (!answer.starts_with(expected)) throw std::runtime_error(std::string(answer));
    const auto more = bytes_after(answer.substr(0, end));
    if (have >= end + 2 + more.value_or(0)) return answer;
  }
}

}  // namespace enxame::coordinator
