#include "native-baseline/bench/socket_echo.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <iostream>
#include <string>
#include <thread>

#include "native-baseline/origin_rpc/text_wire.h"

namespace enxame::native {
namespace {

using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;

bool read_exactly(StreamSocket& socket, std::string& bytes) {
  for (std::size_t have = 0; have < bytes.size();) {
    const int got = socket.receiveBytes(bytes.data() + have, static_cast<int>(bytes.size() - have));
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}

/// As the original reads: until the terminator, byte by byte.
bool read_text(StreamSocket& socket) {
  std::string text;
  char byte = 0;
  while (!text.ends_with(rpc::kTextTerminator)) {
    if (socket.receiveBytes(&byte, 1) <= 0) return false;
    text += byte;
  }
  return true;
}

void write_all(StreamSocket& socket, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    sent += static_cast<std::size_t>(
        socket.sendBytes(bytes.data() + sent, static_cast<int>(bytes.size() - sent)));
  }
}

std::string text_of(std::size_t bytes) {
  return std::string(bytes - rpc::kTextTerminator.size(), 'x') + std::string(rpc::kTextTerminator);
}

class TcpEcho : public Echo {
 public:
  TcpEcho(const SocketAddress& server, Sizes sizes)
      : socket_(server), request_(sizes.request, 'x'), answer_(sizes.answer, '\0') {
    socket_.setNoDelay(true);
  }

  void round_trip() override {
    write_all(socket_, request_);
    read_exactly(socket_, answer_);
  }

 private:
  StreamSocket socket_;
  std::string request_;
  std::string answer_;
};

/// A connection for each exchange.
class TextEcho : public Echo {
 public:
  TextEcho(const SocketAddress& server, Sizes sizes)
      : server_(server), request_(text_of(sizes.request)) {}

  void round_trip() override {
    StreamSocket socket(server_);
    socket.setNoDelay(true);
    write_all(socket, request_);
    read_text(socket);
  }

 private:
  SocketAddress server_;
  std::string request_;
};

void answer_binary(StreamSocket& socket, Sizes sizes) {
  std::string request(sizes.request, '\0');
  const std::string answer(sizes.answer, 'y');
  while (read_exactly(socket, request)) write_all(socket, answer);
}

void answer_text(StreamSocket& socket, Sizes sizes) {
  if (read_text(socket)) write_all(socket, text_of(sizes.answer));
}

/// Serves on a port of its own, with a thread for each connection.
[[noreturn]] void serve_with(void (*answer)(StreamSocket&, Sizes), Sizes sizes) {
  Poco::Net::ServerSocket listener(SocketAddress("127.0.0.1", 0));
  std::cout << "listening on " << listener.address().toString() << std::endl;
  for (;;) {
    StreamSocket accepted = listener.acceptConnection();
    std::thread([accepted, answer, sizes]() mutable {
      accepted.setNoDelay(true);
      answer(accepted, sizes);
    }).detach();
  }
}

SocketAddress address_of(const rpc::WorkerAddress& server) { return {server.host, server.port}; }

}  // namespace

std::unique_ptr<Echo> open_tcp_echo(const rpc::WorkerAddress& server, Sizes sizes) {
  return std::make_unique<TcpEcho>(address_of(server), sizes);
}

std::unique_ptr<Echo> open_text_echo(const rpc::WorkerAddress& server, Sizes sizes) {
  return std::make_unique<TextEcho>(address_of(server), sizes);
}

void serve_tcp_echo(Sizes sizes) { serve_with(answer_binary, sizes); }

void serve_text_echo(Sizes sizes) { serve_with(answer_text, sizes); }

}  // namespace enxame::native
