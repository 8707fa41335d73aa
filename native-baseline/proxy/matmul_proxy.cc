#include "native-baseline/proxy/matmul_proxy.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "matmul/timing/stopwatch.h"
#include "native-baseline/proxy/tiles.h"
#include "native-baseline/rpc/huge_pages.h"
#include "net/stream.h"
#include "wire/kept_operand.h"
#include "wire/message.h"

namespace enxame::native {
namespace {

using rpc::WorkerConnection;
using wire::Message;
using wire::MessageKind;
using wire::ProtocolError;

std::string in_ms(std::chrono::milliseconds time) { return std::to_string(time.count()) + " ms"; }

/// The text of a `refused` or `failed` answer, of which nobody reads more than a screen.
std::string error_text(const wire::Message& answer) {
  return std::string(answer.payload.view().substr(0, 1'000));
}

/// A worker says that it cannot compute what another may.
class WorkerFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A worker's product is not A·B.
class WrongProduct : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

void check_size(std::string_view what, std::size_t bytes, std::size_t most) {
  if (bytes > most) {
    throw TaskRefused("the " + std::string(what) + " would take " + std::to_string(bytes) +
                      " bytes on the wire, more than the " + std::to_string(most) + " allowed");
  }
}

void check_sizes(MatrixView a, MatrixView b, std::size_t most) {
  check_size("factors", wire::multiply_payload_bytes(a.shape(), b.shape()), most);
  check_size("product", wire::product_payload_bytes(product_shape(a.shape(), b.shape())), most);
}

Matrix matrix_of(Shape shape, std::string_view elements) {
  Matrix::Values values(shape.size());
  rpc::prefer_huge_pages(values.data(), elements.size());
  std::memcpy(values.data(), elements.data(), elements.size());
  return {shape, std::move(values)};
}

/// Names of operands remembered for a connection; a worker keeps fewer, most likely.
constexpr std::size_t kMostNames = 4096;

}  // namespace

/// One multiplication, or one tile of one, however many workers it visits. `watch` laps where a
/// phase ends.
struct MatmulProxy::Request {
  std::uint64_t call_id;
  MatrixView a;
  MatrixView b;
  std::optional<wire::Digest> b_name;                    ///< of a tile's
  wire::OutgoingMessage message;                         ///< refers to the factors
  std::function<void(std::string_view elements)> place;  ///< takes the product
  Phases phases{};
  Stopwatch watch{};

  Shape product() const { return {a.rows(), b.cols()}; }
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
  ~Slot() { pool_.release(worker_, std::move(failure_)); }
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

MatmulProxy::MatmulProxy(std::vector<rpc::WorkerAddress> workers, ProxyOptions options)
    : options_(std::move(options)),
      pool_({workers.size(), options_.calls_per_worker, options_.first_back_off,
             options_.max_back_off}),
      verifier_(options_.verify) {
  for (rpc::WorkerAddress& address : workers) {
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
  const Partition partition(c, options_.split, workers_.size());
  if (partition.size() > 1) return multiply_split(a, b, partition, watch);
  const std::uint64_t call_id = next_call_id_++;
  check_sizes(a, b, options_.max_payload_bytes);
  std::optional<Matrix> product;
  Request request{call_id,
                  a,
                  b,
                  std::nullopt,
                  encode(call_id, a, b),
                  [&](std::string_view elements) { product = matrix_of(c, elements); },
                  {},
                  watch};
  request.phases.submit = request.watch.lap();
  const std::string worker = deliver(request);
  request.phases.collect = request.watch.lap();
  return {std::move(*product), request.phases, worker};
}

Product MatmulProxy::multiply_split(const Matrix& a, const Matrix& b, const Partition& partition,
                                    Stopwatch watch) {
  const std::string salt = options_.reuse_operands ? "" : std::to_string(next_call_id_++);
  return multiply_in_tiles(
      a, b, partition, digester_, salt, watch,
      [this](const TileTask& task, Stopwatch started, const auto& place) -> DeliveredTile {
        const std::uint64_t call_id = next_call_id_++;
        check_sizes(task.a, task.b, options_.max_payload_bytes);
        Request request{call_id, task.a, task.b, task.b_name, encode(call_id, task.a, task.b),
                        place,   {},     started};
        request.phases.submit = request.watch.lap();
        std::string worker = deliver(request);
        request.phases.collect = request.watch.lap();
        return {request.phases, std::move(worker), request.watch};
      });
}

VerifiedProducts MatmulProxy::verified() const {
  return {right_products_, wrong_products_, pool_.quarantined()};
}

wire::OutgoingMessage MatmulProxy::encode(std::uint64_t call_id, MatrixView a, MatrixView b) const {
  try {
    return options_.transport->encode_task(call_id, a, b);
  } catch (const TextError& error) {
    throw TaskRefused(std::string("the factors have no text: ") + error.what());
  }
}

/// Returns who delivered when the product is in its place, the lap of `collect` being under way.
std::string MatmulProxy::deliver(Request& request) {
  WorkerFailures failures;
  while (const auto worker = pool_.acquire(failures)) {
    // Since the last lap: also the time that workers cost who failed.
    request.phases.queue += request.watch.lap();
    Slot slot(pool_, *worker);
    try {
      ask(*workers_[*worker], request);
      return to_string(workers_[*worker]->address);
    } catch (const net::TimedOut& error) {
      failures[*worker] = slot.fail(error, true);
    } catch (const net::ConnectionError& error) {
      failures[*worker] = slot.fail(error);
    } catch (const wire::ProtocolError& error) {
      failures[*worker] = slot.fail(error);
    } catch (const std::invalid_argument& error) {  // no frame or text of a matrix
      failures[*worker] = slot.fail(error);
    } catch (const WorkerFailed& error) {
      failures[*worker] = slot.fail(error);
    } catch (const WrongProduct& error) {
      failures[*worker] = quarantine(*worker, error.what());
    }
  }
  throw unavailable(request, failures);
}

/// Leaves the product in its place, or throws what is wrong with the worker.
void MatmulProxy::ask(Worker& worker, Request& request) {
  Stopwatch watch = request.watch;
  const Duration sent_at = watch.lap_began_at();
  const auto connection = connection_to(worker);
  const net::TimePoint deadline = net::Clock::now() + options_.call_timeout;
  try {
    wire::Message answer = exchange(worker, *connection, request, deadline);
    const Duration round_trip = watch.lap();
    const std::string_view payload = answer.payload.view();
    if (answer.header.kind == wire::MessageKind::refused) {
      throw TaskRefused("worker " + to_string(worker.address) + " refuses: " + error_text(answer));
    }
    if (answer.header.kind == wire::MessageKind::failed) throw WorkerFailed(error_text(answer));
    Phases phases = request.phases;
    phases.worker = wire::decode_product_phases(payload);
    if (phases.worker.total() > round_trip) {
      throw wire::ProtocolError("worker reports " + std::to_string(phases.worker.total().count()) +
                                " ns of work in a round trip of " +
                                std::to_string(round_trip.count()) + " ns");
    }
    const TimeAway away = time_away(sent_at, watch.lap_began_at(), phases.worker, worker.clock);
    phases.queue += away.waited;
    phases.dispatch = away.dispatch;
    phases.return_trip = away.return_trip;
    phases.clock_error = away.clock_error;
    options_.transport->use_product(payload, request.product(), [&](std::string_view elements) {
      verify(request, elements);
      request.place(elements);
    });
    connection->recycle(std::move(answer));
    request.phases = phases;
    request.watch = watch;
  } catch (const TaskRefused&) {
    throw;  // an answer like any other: the connection stays
  } catch (const net::TimedOut& error) {
    connection->close(error.what());
    if (net::Clock::now() < deadline) throw;  // a connection that could not be made
    throw net::TimedOut("no answer within " + in_ms(options_.call_timeout));
  } catch (const std::exception& error) {
    connection->close(error.what());
    throw;
  }
}

/// Throws WrongProduct. Products are chosen for it at random where a sample is verified.
void MatmulProxy::verify(const Request& request, std::string_view elements) {
  if (!verifier_.chooses()) return;
  const MatrixView product(request.product(), reinterpret_cast<const double*>(elements.data()));
  if (const auto wrong = verifier_.find_wrong_row(request.a, request.b, product)) {
    ++wrong_products_;
    throw WrongProduct(to_string(*wrong));
  }
  ++right_products_;
}

WorkerFailure MatmulProxy::quarantine(std::size_t index, std::string_view why) {
  WorkerFailure failure{"quarantined, because it returned a wrong product: " + std::string(why)};
  if (pool_.quarantine(index, failure)) {
    options_.log("worker " + to_string(workers_[index]->address) + " is " + failure.what);
  }
  return failure;
}

/// One request and its answer; of a tile, as little of it as the worker does not have.
wire::Message MatmulProxy::exchange(Worker& worker, rpc::WorkerConnection& connection,
                                    const Request& request, net::TimePoint deadline) const {
  if (!request.b_name || !options_.transport->traits().keeps_operands) {
    return connection.call(request.message, deadline);
  }
  const wire::Digest& b_name = *request.b_name;
  const auto was_sent = [&] {
    const std::lock_guard lock(worker.mutex);
    return worker.sent.contains(b_name);
  };
  if (was_sent()) {
    wire::Message answer =
        connection.call(wire::outgoing_multiply_kept(request.call_id, b_name, request.a), deadline);
    if (answer.header.kind != wire::MessageKind::missing) return answer;
  }
  wire::Message answer = connection.call(
      wire::outgoing_with_operand(request.call_id, b_name, request.a, request.b), deadline);
  // A worker without room for it gets it with the task.
  if (answer.header.kind == wire::MessageKind::missing)
    return connection.call(request.message, deadline);
  const std::lock_guard lock(worker.mutex);
  if (worker.sent.size() >= kMostNames) worker.sent.clear();
  worker.sent.insert(b_name);
  return answer;
}

std::shared_ptr<rpc::WorkerConnection> MatmulProxy::connection_to(Worker& worker) const {
  const std::lock_guard lock(worker.mutex);
  if (worker.closed) throw net::ConnectionError("the proxy is being closed");
  if (worker.connection && worker.connection->usable()) return worker.connection;
  worker.sent.clear();
  worker.connection = options_.transport->connect(
      worker.address, std::min(options_.connect_timeout, options_.call_timeout),
      options_.max_payload_bytes);
  return worker.connection;
}

WorkersUnavailable MatmulProxy::unavailable(const Request& request,
                                            const WorkerFailures& failures) const {
  std::string message = "no worker could multiply " + to_string(request.a.shape()) + " by " +
                        to_string(request.b.shape());
  bool timed_out = false;
  for (const auto& [worker, failure] : failures) {
    message += "; " + to_string(workers_[worker]->address) + ": " + failure.what;
    timed_out = timed_out || failure.timed_out;
  }
  return {message, timed_out};
}

}  // namespace enxame::native
