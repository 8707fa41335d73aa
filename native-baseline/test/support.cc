#include "native-baseline/test/support.h"

#include <Poco/Net/NetException.h>
#include <Poco/Timespan.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>

namespace enxame::native {

using Poco::Net::StreamSocket;

Matrix plain_product(const Matrix& a, const Matrix& b) {
  Matrix c(product_shape(a.shape(), b.shape()));
  PlainMatmul().multiply(a, b, c.data());
  return c;
}

Product PlainMatmul::multiply(const Matrix& a, const Matrix& b) {
  return {plain_product(a, b), {}, ""};
}

void PlainMatmul::multiply(MatrixView a, MatrixView b, double* c) {
  std::fill_n(c, a.rows() * b.cols(), 0.0);
  for (std::size_t i = 0; i < a.rows(); ++i) {
    for (std::size_t p = 0; p < a.cols(); ++p) {
      for (std::size_t j = 0; j < b.cols(); ++j) c[i * b.cols() + j] += a(i, p) * b(p, j);
    }
  }
}

void HeldMatmul::hold() {
  std::unique_lock lock(mutex_);
  ++begun_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return released_; });
}

Product HeldMatmul::multiply(const Matrix& a, const Matrix& b) {
  hold();
  return PlainMatmul::multiply(a, b);
}

void HeldMatmul::multiply(MatrixView a, MatrixView b, double* c) {
  hold();
  PlainMatmul::multiply(a, b, c);
}

void HeldMatmul::wait_begun(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return begun_ >= count; });
}

void HeldMatmul::release() {
  const std::lock_guard lock(mutex_);
  released_ = true;
  changed_.notify_all();
}

int HeldMatmul::begun() {
  const std::lock_guard lock(mutex_);
  return begun_;
}

void LyingMatmul::multiply(MatrixView a, MatrixView b, double* c) {
  PlainMatmul::multiply(a, b, c);
  c[a.rows() * b.cols() - 1] += 1;
  ++lies_;
}

FakeWorker::FakeWorker(Behaviour behave)
    : behave_(std::move(behave)), acceptor_([this] { accept_connections(); }) {}

FakeWorker::~FakeWorker() {
  ::shutdown(listener_.impl()->sockfd(), SHUT_RDWR);
  acceptor_.join();
  for (StreamSocket& socket : sockets_) ::shutdown(socket.impl()->sockfd(), SHUT_RDWR);
  for (std::thread& thread : threads_) thread.join();
}

void FakeWorker::accept_connections() {
  try {
    for (;;) {
      StreamSocket& socket = sockets_.emplace_back(listener_.acceptConnection());
      threads_.emplace_back([this, &socket] {
        try {
          behave_(socket);
        } catch (const Poco::Exception&) {  // the client is gone, as clients of a bad worker may be
        }
        ::shutdown(socket.impl()->sockfd(), SHUT_RDWR);
      });
    }
  } catch (const Poco::Exception&) {  // shut down
  }
}

std::string read_bytes(StreamSocket& socket, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const int received = socket.receiveBytes(bytes.data() + have, static_cast<int>(size - have));
    if (received <= 0) break;
    have += static_cast<std::size_t>(received);
  }
  bytes.resize(have);
  return bytes;
}

std::string read_all(StreamSocket& socket) {
  std::string bytes;
  std::array<char, 4096> piece;
  try {
    for (;;) {
      const int received = socket.receiveBytes(piece.data(), static_cast<int>(piece.size()));
      if (received <= 0) return bytes;
      bytes.append(piece.data(), static_cast<std::size_t>(received));
    }
  } catch (const Poco::Net::ConnectionResetException&) {
    return bytes;
  }
}

std::uint64_t read_request(StreamSocket& socket) {
  const std::string head = read_bytes(socket, wire::kMessageHeaderBytes);
  if (head.size() < wire::kMessageHeaderBytes) return 0;
  const auto header = wire::parse_message_header(head, wire::kDefaultMaxPayloadBytes);
  read_bytes(socket, static_cast<std::size_t>(header.payload_bytes));
  return header.call_id;
}

void write_all(StreamSocket& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const int sent = socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()), MSG_NOSIGNAL);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

StreamSocket connect_to(std::uint16_t port) {
  StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", port));
  socket.setNoDelay(true);
  socket.setReceiveTimeout(Poco::Timespan(10, 0));
  return socket;
}

rpc::WorkerAddress refusing_address() {
  const Poco::Net::ServerSocket taken(Poco::Net::SocketAddress("127.0.0.1", 0));
  return {"127.0.0.1", taken.address().port()};
}

std::size_t thread_count() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(threads), end(threads)));
}

}  // namespace enxame::native
