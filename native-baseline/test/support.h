#pragma once

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "matmul/matmul.h"
#include "native-baseline/local/multiplier.h"
#include "native-baseline/rpc/tcp_transport.h"
#include "native-baseline/rpc/worker_address.h"

namespace enxame::native {

/// Multiplies by the definition, on the caller's thread.
class PlainMatmul : public Matmul, public Multiplier {
 public:
  Product multiply(const Matrix& a, const Matrix& b) override;
  void multiply(MatrixView a, MatrixView b, double* c) override;
};

/// Holds every multiplication until it is released, and says when it has hold of one.
class HeldMatmul : public PlainMatmul {
 public:
  Product multiply(const Matrix& a, const Matrix& b) override;
  void multiply(MatrixView a, MatrixView b, double* c) override;

  /// Waits until `count` multiplications have begun in all.
  void wait_begun(int count);
  void release();
  int begun();

 private:
  void hold();

  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0;
  bool released_ = false;
};

/// Gets the last element of every product wrong, and counts them.
class LyingMatmul : public PlainMatmul {
 public:
  using PlainMatmul::multiply;
  void multiply(MatrixView a, MatrixView b, double* c) override;

  int lies() const { return lies_; }

 private:
  std::atomic<int> lies_ = 0;
};

/// A worker server with a multiplication of its own, on a port of its own.
struct TestWorker {
  explicit TestWorker(const rpc::WorkerServerOptions& options = {},
                      const rpc::Transport& transport = rpc::tcp_transport())
      : serving(transport.serve(options, matmul)), server(*serving) {}

  rpc::WorkerAddress address() const { return {"127.0.0.1", server.port()}; }

  PlainMatmul matmul;
  std::unique_ptr<rpc::Server> serving;
  rpc::Server& server;
};

/// Accepts connections on a port of its own and lets `behave` do with each what it likes, on a
/// thread of its own. When it is destroyed the connections are shut down and the threads joined.
class FakeWorker {
 public:
  using Behaviour = std::function<void(Poco::Net::StreamSocket&)>;

  explicit FakeWorker(Behaviour behave);
  ~FakeWorker();

  rpc::WorkerAddress address() const { return {"127.0.0.1", listener_.address().port()}; }

 private:
  void accept_connections();

  Behaviour behave_;
  Poco::Net::ServerSocket listener_{Poco::Net::SocketAddress("127.0.0.1", 0)};
  std::list<Poco::Net::StreamSocket> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// Reads until the peer closes; returns what came.
std::string read_all(Poco::Net::StreamSocket& socket);

/// Reads exactly `size` bytes, or what came before the peer closed.
std::string read_bytes(Poco::Net::StreamSocket& socket, std::size_t size);

/// Reads one whole `multiply` message and returns its call id, 0 when the peer closed before.
std::uint64_t read_request(Poco::Net::StreamSocket& socket);

void write_all(Poco::Net::StreamSocket& socket, std::string_view bytes);

/// A plain connection to a port on this machine, which gives up reading after ten seconds.
Poco::Net::StreamSocket connect_to(std::uint16_t port);

/// A port that nobody listens on: a connection to it is refused.
rpc::WorkerAddress refusing_address();

/// A product that differs from this one is wrong.
Matrix plain_product(const Matrix& a, const Matrix& b);

/// The number of threads of this process.
std::size_t thread_count();

}  // namespace enxame::native
