#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "matmul/matmul.h"
#include "matmul/partition.h"
#include "matmul/timing/clock_offset.h"
#include "matmul/timing/stopwatch.h"
#include "matmul/verify/product_verifier.h"
#include "native-baseline/proxy/worker_pool.h"
#include "native-baseline/rpc/tcp_transport.h"
#include "native-baseline/rpc/worker_address.h"
#include "wire/digester.h"

namespace enxame::native {

struct ProxyOptions {
  /// How all of the workers are reached; not null.
  const rpc::Transport* transport = &rpc::tcp_transport();
  /// How one multiplication is divided, into as many tiles as there are workers.
  SplitKind split = SplitKind::none;
  /// Whether a worker recognises what tiles share when it comes again in a later multiplication.
  /// Without it each sends it anew, so that a measurement that repeats matrices shows what new ones
  /// take.
  bool reuse_operands = true;
  /// Which products of workers, or of tiles, are verified. A worker whose product is wrong is
  /// quarantined.
  Verify verify = Verify::off;
  /// Calls that may be outstanding at one worker; others wait in the proxy. A worker computes one
  /// at a time, so more than one only hides the time on the wire.
  std::size_t calls_per_worker = 1;
  std::chrono::milliseconds connect_timeout{2'000};
  /// From a call's dispatch to a worker to its answer; then the next worker is tried.
  std::chrono::milliseconds call_timeout{30'000};
  std::chrono::milliseconds first_back_off{100};
  std::chrono::milliseconds max_back_off{5'000};
  /// The largest request or answer.
  std::size_t max_payload_bytes = wire::kDefaultMaxPayloadBytes;
  /// Is told, in a line, of each worker that is quarantined. Must not throw.
  std::function<void(std::string_view)> log = [](std::string_view) {};
};

/// What a proxy has found out about the products of its workers since it was made.
struct VerifiedProducts {
  std::uint64_t right;
  std::uint64_t wrong;
  std::size_t quarantined_workers;
};

/// No worker could be reached that gave a sane answer. The message names each and what happened.
class WorkersUnavailable : public std::runtime_error {
 public:
  WorkersUnavailable(const std::string& message, bool timed_out)
      : std::runtime_error(message), timed_out_(timed_out) {}

  /// Whether at least one of them ran out of time, as opposed to all being gone or talking
  /// nonsense.
  bool timed_out() const { return timed_out_; }

 private:
  bool timed_out_;
};

/// A task that a worker says no worker can compute. The message names the worker and its reason.
class TaskRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Multiplies on remote workers, over one connection to each where the transport keeps it.
///
/// A split multiplication is as many calls at once as it has tiles, each of which goes its own way
/// as any call does; its phases are those of the tile that ended last
/// (native-baseline/proxy/tiles.h). B, or those columns of it that tiles share, goes to a worker
/// once where the transport lets it be kept there, ahead of the first tile that needs it, from
/// where it lies.
///
/// A call waits, first come, first served, for a worker with a free slot (`queue`). A worker that
/// is gone, slow or answers nonsense loses its connection and is left alone for a while, and the
/// call goes to the next: multiplying twice is harmless. A call visits each worker at most once, so
/// it always ends. Time lost to workers that failed counts as `queue`, as does the wait for a turn
/// at the worker.
///
/// A worker whose product is wrong (ProxyOptions::verify) fails its call like any other, and is
/// quarantined: it gets no task any more as long as the proxy lives, since nobody here can know
/// that what answers at its address is another one. Verifying counts as `collect`.
class MatmulProxy : public Matmul {
 public:
  /// Connects when the first call needs it. Throws std::invalid_argument when `workers` is empty or
  /// names one twice.
  explicit MatmulProxy(std::vector<rpc::WorkerAddress> workers, ProxyOptions options = {});

  /// Calls still running fail with std::runtime_error; waits until they have, at most
  /// `connect_timeout`.
  ~MatmulProxy() override;

  /// Throws ShapeError, WorkersUnavailable or TaskRefused.
  Product multiply(const Matrix& a, const Matrix& b) override;

  VerifiedProducts verified() const;

 private:
  struct Worker {
    rpc::WorkerAddress address;
    std::mutex mutex{};
    std::shared_ptr<rpc::WorkerConnection> connection{};
    bool closed = false;
    ClockOffset clock{};
    std::set<wire::Digest> sent{};  // over this connection: what the worker may have kept
  };
  struct Request;
  class Caller;
  class Slot;

  wire::OutgoingMessage encode(std::uint64_t call_id, MatrixView a, MatrixView b) const;
  Product multiply_split(const Matrix& a, const Matrix& b, const Partition& partition,
                         Stopwatch watch);
  std::string deliver(Request& request);
  void ask(Worker& worker, Request& request);
  void verify(const Request& request, std::string_view elements);
  WorkerFailure quarantine(std::size_t worker, std::string_view why);
  wire::Message exchange(Worker& worker, rpc::WorkerConnection& connection, const Request& request,
                         net::TimePoint deadline) const;
  std::shared_ptr<rpc::WorkerConnection> connection_to(Worker& worker) const;
  WorkersUnavailable unavailable(const Request& request, const WorkerFailures& failures) const;

  const ProxyOptions options_;
  WorkerPool pool_;
  std::vector<std::unique_ptr<Worker>> workers_;
  const wire::Digester digester_;
  const ProductVerifier verifier_;
  std::atomic<std::uint64_t> next_call_id_ = 1;
  std::atomic<std::uint64_t> right_products_ = 0;
  std::atomic<std::uint64_t> wrong_products_ = 0;
  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t callers_ = 0;
};

}  // namespace enxame::native
