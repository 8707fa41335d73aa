#pragma once

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace enxame::http {

/// One end of a connection that sends exactly the bytes that a test gives it.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port)
      : RawPeer(Poco::Net::StreamSocket(Poco::Net::SocketAddress("127.0.0.1", port))) {}
  /// A peer of which the kernel receives little ahead of the test.
  RawPeer(std::uint16_t port, int receive_buffer_bytes)
      : RawPeer(connected(port, receive_buffer_bytes)) {}
  explicit RawPeer(const Poco::Net::StreamSocket& socket) : socket_(socket) {
    socket_.setReceiveTimeout(Poco::Timespan(20, 0));
    socket_.setNoDelay(true);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const int sent = socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// One answer: its head, the empty line and as many bytes as its Content-Length says.
  std::string receive_answer(bool has_body = true) {
    while (received_.find("\r\n\r\n") == std::string::npos) receive_some();
    const std::size_t head = received_.find("\r\n\r\n") + 4;
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t field = received_.substr(0, head).find(kLength);
    const std::size_t body = field == std::string::npos || !has_body
                                 ? 0
                                 : std::stoul(received_.substr(field + kLength.size()));
    while (received_.size() < head + body) receive_some();
    std::string answer = received_.substr(0, head + body);
    received_.erase(0, head + body);
    return answer;
  }

  /// The next `count` bytes.
  std::string receive_bytes(std::size_t count) {
    while (received_.size() < count) receive_some();
    std::string bytes = received_.substr(0, count);
    received_.erase(0, count);
    return bytes;
  }

  /// Everything until the other side closes.
  std::string receive_all() {
    while (receive(received_)) {
    }
    return std::exchange(received_, {});
  }

  /// Whether the other side ends the connection without sending anything more.
  bool ends() { return received_.empty() && receive_all().empty(); }

  void end_sending() { socket_.shutdownSend(); }
  void close() { socket_.close(); }

 private:
  static Poco::Net::StreamSocket connected(std::uint16_t port, int receive_buffer_bytes) {
    Poco::Net::StreamSocket socket(Poco::Net::SocketAddress::IPv4);
    socket.setReceiveBufferSize(receive_buffer_bytes);
    socket.connect(Poco::Net::SocketAddress("127.0.0.1", port));
    return socket;
  }
  bool receive(std::string& into) {
    char bytes[16 * 1024];
    const int count = socket_.receiveBytes(bytes, sizeof bytes);
    into.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }
  void receive_some() {
    if (!receive(received_)) {
      throw std::runtime_error("the connection ended after \"" + received_ + "\"");
    }
  }

  Poco::Net::StreamSocket socket_;
  std::string received_;
};

inline std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

/// "200" of "HTTP/1.1 200 OK".
inline std::string status_of(const std::string& answer) { return answer.substr(9, 3); }

}  // namespace enxame::http
