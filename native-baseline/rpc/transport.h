#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "matmul/codec/codec.h"
#include "native-baseline/local/multiplier.h"
#include "native-baseline/rpc/memory_parts.h"
#include "native-baseline/rpc/server.h"
#include "native-baseline/rpc/worker_connection.h"

namespace enxame::rpc {

/// What holds of a transport, whoever uses it.
struct TransportTraits {
  std::string_view name;           ///< as flags and systems name it: "tcp"
  Codec codec = Codec::binary;     ///< how matrices travel
  MemoryDivision memory;           ///< of a worker that serves over it
  bool keeps_operands = false;     ///< workers keep what is sent ahead (wire/kept_operand.h)
  bool times_out_messages = true;  ///< WorkerServerOptions::message_timeout has a meaning
};

/// How tasks reach a worker: the driver of one transport, which says how a task and its product
/// are written, where a proxy gets its connections and a worker its server. Drivers have no state;
/// there is one object of each (native-baseline/proxy/transports.h).
class Transport {
 public:
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  const TransportTraits& traits() const { return traits_; }

  /// The request for A·B, `a` being m × k and `b` k × n; may refer to the values of `a` and `b`.
  virtual wire::OutgoingMessage encode_task(std::uint64_t call_id, MatrixView a,
                                            MatrixView b) const = 0;

  /// Tells `use` the elements of the matrix of a `product` payload that came over this transport,
  /// row by row, without copying them where they need not be read; its worker phases are read by
  /// decode_product_phases(). Throws std::runtime_error or std::invalid_argument when it is
  /// malformed or not of shape `expected`.
  virtual void use_product(std::string_view payload, Shape expected,
                           const std::function<void(std::string_view elements)>& use) const = 0;

  /// A connection to a worker; some transports connect only when it is first used. Throws
  /// net::TimedOut or net::ConnectionError.
  virtual std::shared_ptr<WorkerConnection> connect(const WorkerAddress& address,
                                                    std::chrono::milliseconds timeout,
                                                    std::size_t max_payload_bytes) const = 0;

  /// A worker that serves, computing with `multiplier`, which must outlive it. Throws
  /// std::runtime_error, naming the address, when it cannot listen.
  virtual std::unique_ptr<Server> serve(const WorkerServerOptions& options,
                                        native::Multiplier& multiplier) const = 0;

 protected:
  explicit Transport(const TransportTraits& traits) : traits_(traits) {}

 private:
  const TransportTraits traits_;
};

/// The name of a driver, for the flags that choose one.
inline std::string_view to_string(const Transport* transport) { return transport->traits().name; }

}  // namespace enxame::rpc
