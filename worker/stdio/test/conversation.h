#pragma once

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "matmul/kernel.h"
#include "wire/message.h"
#include "worker/stdio/message_loop.h"

namespace enxame::worker {

/// A message loop on a thread of its own, between two pipes.
class Conversation {
 public:
  Conversation() {
    if (pipe(there_.data()) != 0 || pipe(back_.data()) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe");
    }
    loop_ = std::thread([this] {
      try {
        MessageLoop(there_[0], back_[1], Kernel::simd).run();
      } catch (const std::exception& error) {
        thrown_ = error.what();
      }
      close(back_[1]);
    });
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  ~Conversation() {
    end();
    for (const int fd : {there_[0], back_[0]}) close(fd);
  }

  void say(std::string_view bytes) const {
    if (write(there_[1], bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      throw std::system_error(errno, std::generic_category(), "write");
    }
  }

  /// The next message that it says.
  wire::Message hear() const {
    std::array<char, wire::kMessageHeaderBytes> head{};
    read_whole(head.data(), head.size());
    wire::Message message{wire::parse_message_header({head.data(), head.size()}, 1 << 20), {}};
    message.payload.resize(message.header.payload_bytes);
    read_whole(message.payload.data(), message.payload.size());
    return message;
  }

  /// Ends its input, and waits for its end; returns what it threw, empty for nothing.
  std::string end() {
    if (loop_.joinable()) {
      close(there_[1]);
      loop_.join();
    }
    return thrown_;
  }

 private:
  void read_whole(char* out, std::size_t size) const {
    while (size > 0) {
      const ssize_t came = read(back_[0], out, size);
      if (came <= 0) throw std::runtime_error("it said no more");
      out += came;
      size -= static_cast<std::size_t>(came);
    }
  }

  std::array<int, 2> there_{};
  std::array<int, 2> back_{};
  std::thread loop_;
  std::string thrown_;
};

}  // namespace enxame::worker
