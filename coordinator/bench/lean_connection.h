#pragma once

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace enxame::coordinator {

/// The least that an HTTP client can do, so that a benchmark measures the server: one send and, as
/// a rule, one receive per request. Understands only what our server answers: small bodies with a
/// Content-Length.
class LeanConnection {
 public:
  explicit LeanConnection(std::uint16_t port)
      : socket_(Poco::Net::SocketAddress("127.0.0.1", port)) {
    socket_.setNoDelay(true);
    socket_.setReceiveTimeout(Poco::Timespan(30, 0));
  }

  void send(std::string_view request) {
    if (socket_.sendBytes(request.data(), static_cast<int>(request.size())) !=
        static_cast<int>(request.size())) {
      throw std::runtime_error("the request was not sent whole");
    }
  }

  /// The body of one answer; throws std::runtime_error unless its status is 200.
  std::string_view receive() {
    std::size_t have = 0;
    for (;;) {
      const int count =
          socket_.receiveBytes(buffer_.data() + have, static_cast<int>(buffer_.size() - have));
      if (count <= 0) throw std::runtime_error("the connection was closed");
      have += static_cast<std::size_t>(count);
      const std::string_view answer(buffer_.data(), have);
      const std::size_t head_end = answer.find("\r\n\r\n");
      if (head_end == std::string_view::npos) continue;
      if (!answer.starts_with("HTTP/1.1 200")) throw std::runtime_error(std::string(answer));
      const std::string_view body = answer.substr(head_end + 4);
      if (body.size() == content_length(answer.substr(0, head_end))) return body;
    }
  }

  std::string_view exchange(std::string_view request) {
    send(request);
    return receive();
  }

 private:
  static std::size_t content_length(std::string_view head) {
    constexpr std::string_view kField = "\r\nContent-Length: ";
    const std::size_t begin = head.find(kField) + kField.size();
    std::size_t length = 0;
    std::from_chars(head.data() + begin, head.data() + head.size(), length);
    return length;
  }

  Poco::Net::StreamSocket socket_;
  std::array<char, 4096> buffer_;
};

}  // namespace enxame::coordinator
