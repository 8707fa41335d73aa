#include "native-baseline/matmul_proxy.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "matmul/binary_codec.h"
#include "matmul/message.h"
#include "matmul/stopwatch.h"

namespace enxame {
namespace {

using rpc::ChannelError;
using rpc::ClientConnection;
using rpc::Message;
using rpc::MessageKind;
using rpc::ProtocolError;

std::string in_ms(std::chrono::milliseconds time) { return std::to_string(time.count()) + " ms"; }

/// The text of a `refused` or `failed` answer, of which nobody reads more than a screen.
std::string error_text(const Message& answer) {
  return std::string(answer.payload.view().substr(0, 1'000));
}

/// A worker says that it cannot compute what another may.
class WorkerFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

void check_size(std::string_view what, std::size_t bytes, std::size_t most) {
  if (bytes > most) {
    throw TaskRefused("the " + std::string(what) + " would take " + std::to_string(bytes) +
                      " bytes on the wire, more than the " + std::to_string(most) + " allowed");
  }
}

}  // namespace

/// One multiplication, encoded once, however many workers it visits. `watch` laps where a phase
/// ends.
struct MatmulProxy::Request {
  std::uint64_t call_id;
  Shape a;
  Shape b;
  std::string message;
  Phases phases;
  Stopwatch watch;
};

/// Counts a thread inside multiply(), for the destructor to wait for.
class MatmulProxy::Caller {
 public:
  explicit Caller(MatmulProxy& proxy) : proxy_(proxy) {
    const std::lock_guard lock(proxy_.mutex_);
    ++proxy_.callers_;
  }
  ~Caller() {
    const std::lock_guard lock(proxy_.mutex_);
    if (--proxy_.callers_ == 0) proxy_.left_.notify_all();
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

 private:
  MatmulProxy& proxy_;
};

/// Gives a worker's slot back to the pool, together with how the call went.
class MatmulProxy::Slot {
 public:
  Slot(WorkerPool& pool, std::size_t worker) : pool_(pool), worker_(worker) {}
  ~Slot() { pool_.release(worker_, failure_); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  WorkerFailure fail(const std::exception& error, bool timed_out = false) {
    failure_ = WorkerFailure{error.what(), timed_out};
    return *failure_;
  }

 private:
  WorkerPool& pool_;
  std::size_t worker_;
  std::optional<WorkerFailure> failure_;
};

MatmulProxy::MatmulProxy(std::vector<WorkerAddress> workers, ProxyOptions options)
    : options_(options),
      pool_({workers.size(), options.calls_per_worker, options.first_back_off,
             options.max_back_off}) {
  for (WorkerAddress& address : workers) {
    if (std::ranges::any_of(workers_, [&](const auto& w) { return w->address == address; })) {
      throw std::invalid_argument("worker " + to_string(address) + " is named twice");
    }
    workers_.push_back(std::make_unique<Worker>(std::move(address)));
  }
}

MatmulProxy::~MatmulProxy() {
  pool_.close();
  for (const auto& worker : workers_) {
    const std::lock_guard lock(worker->mutex);
    worker->closed = true;
    if (worker->connection) worker->connection->close("the proxy is being closed");
  }
  std::unique_lock lock(mutex_);
  left_.wait(lock, [&] { return callers_ == 0; });
}

Product MatmulProxy::multiply(const Matrix& a, const Matrix& b) {
  Stopwatch watch;
  const Caller caller(*this);
  const Shape c = product_shape(a.shape(), b.shape());
  check_size("factors", rpc::multiply_payload_bytes(a.shape(), b.shape()),
             options_.max_payload_bytes);
  check_size("product", rpc::product_payload_bytes(c), options_.max_payload_bytes);
  const std::uint64_t call_id = next_call_id_++;
  Request request{call_id, a.shape(), b.shape(), rpc::encode_multiply(call_id, a, b), {}, watch};
  request.phases.submit = request.watch.lap();
  Product product = deliver(request);
  request.message = std::string();  // so that giving its memory back is in a phase, too
  product.phases.collect = request.watch.lap();
  return product;
}

/// Returns the product when it is a matrix, the lap of `collect` being under way.
Product MatmulProxy::deliver(Request& request) {
  WorkerFailures failures;
  while (const auto worker = pool_.acquire(failures)) {
    // Since the last lap: also the time that workers cost who failed.
    request.phases.queue += request.watch.lap();
    Slot slot(pool_, *worker);
    try {
      return ask(*workers_[*worker], request);
    } catch (const rpc::TimedOut& error) {
      failures[*worker] = slot.fail(error, true);
    } catch (const ChannelError& error) {
      failures[*worker] = slot.fail(error);
    } catch (const ProtocolError& error) {
      failures[*worker] = slot.fail(error);
    } catch (const FrameError& error) {
      failures[*worker] = slot.fail(error);
    } catch (const WorkerFailed& error) {
      failures[*worker] = slot.fail(error);
    }
  }
  throw unavailable(request, failures);
}

Product MatmulProxy::ask(Worker& worker, Request& request) const {
  Stopwatch watch = request.watch;
  const Duration sent_at = watch.lap_began_at();
  const auto connection = connection_to(worker);
  try {
    const Message answer = connection->call(request.call_id, request.message,
                                            rpc::Clock::now() + options_.call_timeout);
    const Duration round_trip = watch.lap();
    const std::string_view payload = answer.payload.view();
    if (answer.header.kind == MessageKind::refused) {
      throw TaskRefused("worker " + to_string(worker.address) + " refuses: " + error_text(answer));
    }
    if (answer.header.kind == MessageKind::failed) throw WorkerFailed(error_text(answer));
    Phases phases = request.phases;
    phases.worker = rpc::decode_product_phases(payload);
    if (phases.worker.total() > round_trip) {
      throw ProtocolError("worker reports " + std::to_string(phases.worker.total().count()) +
                          " ns of work in a round trip of " + std::to_string(round_trip.count()) +
                          " ns");
    }
    const TimeAway away = time_away(sent_at, watch.lap_began_at(), phases.worker, worker.clock);
    phases.queue += away.waited;
    phases.dispatch = away.dispatch;
    phases.return_trip = away.return_trip;
    phases.clock_error = away.clock_error;
    Matrix c = rpc::decode_product_matrix(payload, product_shape(request.a, request.b));
    request.watch = watch;
    return {std::move(c), phases, to_string(worker.address)};
  } catch (const TaskRefused&) {
    throw;  // an answer like any other: the connection stays
  } catch (const rpc::TimedOut&) {
    throw rpc::TimedOut("no answer within " + in_ms(options_.call_timeout));
  } catch (const std::exception& error) {
    connection->close(error.what());
    throw;
  }
}

std::shared_ptr<ClientConnection> MatmulProxy::connection_to(Worker& worker) const {
  const std::lock_guard lock(worker.mutex);
  if (worker.closed) throw ChannelError("the proxy is being closed");
  if (worker.connection && worker.connection->usable()) return worker.connection;
  try {
    const auto deadline =
        rpc::Clock::now() + std::min(options_.connect_timeout, options_.call_timeout);
    worker.connection = std::make_shared<ClientConnection>(
        rpc::Channel::connect(worker.address, deadline, options_.max_payload_bytes));
  } catch (const rpc::TimedOut&) {
    throw rpc::TimedOut("no connection within " + in_ms(options_.connect_timeout));
  }
  return worker.connection;
}

WorkersUnavailable MatmulProxy::unavailable(const Request& request,
                                            const WorkerFailures& failures) const {
  std::string message =
      "no worker could multiply " + to_string(request.a) + " by " + to_string(request.b);
  bool timed_out = false;
  for (const auto& [worker, failure] : failures) {
    message += "; " + to_string(workers_[worker]->address) + ": " + failure.what;
    timed_out = timed_out || failure.timed_out;
  }
  return {message, timed_out};
}

}  // namespace enxame
