#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "matmul/matrix.h"
#include "matmul/matrix_view.h"
#include "matmul/timing/phases.h"
#include "wire/buffer.h"

namespace enxame::wire {

// A message is a header and a payload. A client sends `multiply` messages over a connection, as
// many as it likes before the first is answered; the worker answers each with one message that
// carries the same call id.
//
//   offset  bytes  field
//        0      4  magic, "ENXR"
//        4      2  version, 1
//        6      2  kind
//        8      8  call id, chosen by the client, not 0
//       16      8  payload bytes
//       24     40  zero
//       64      …  payload
//
//   kind           payload
//   1  multiply    frame of A, frame of B (matmul/codec/binary_codec.h)
//   2  product     worker phases, frame of C
//   3  refused     UTF-8 text: why no worker can compute this task
//   4  failed      UTF-8 text: why this worker cannot; with call id 0 it concerns the connection,
//                  which is then closed
//   5  delivered   worker phases, delivery, frame of C: coordinator to submitting client
//   6  submit      submission, frame of A, frame of B: client to coordinator
//   7  operand     digest block, frame of a B: keep it under this digest. Has no answer. A worker
//                  has room for so many bytes; what was used least recently goes first
//   8  multiply    digest block, frame of A: B is the operand that came over this connection under
//      kept        that digest. Answered as `multiply` is, or by
//   9  missing     digest block: that operand is not here (any more); send it and ask again
//  10  keep        empty: worker to coordinator, over a connection of its own: it is there, and
//  goes
//                  on with what it holds. Has no answer
//
// A digest block is the 16 bytes of a digest, by which a sender names a matrix to those it sent it
// to (wire/digester.h), and 48 zero bytes.
//
//   offset  bytes  field of the worker phases
//        0      8  decode, nanoseconds
//        8      8  compute, nanoseconds
//       16      8  encode, nanoseconds
//       24      8  received at, nanoseconds on the worker's clock, 0 when it does not say
//       32      8  sent at, likewise
//       40     24  zero
//
//   offset  bytes  field of the delivery: what the coordinator measured, in nanoseconds
//        0      8  queue: accepted to claimed
//        8      8  dispatch: claimed to the task's arrival at its worker
//       16      8  return: the product's way back
//       24      8  clock error: dispatch and return are right within ± this, their sum is exact
//       32      8  accepted at, on the coordinator's clock
//       40      8  finished at, likewise
//       48     16  zero
//       64     64  the worker's name, zero-padded, cut to what fits
//
//   offset  bytes  field of the submission
//        0      2  split: 0 none, 1 rows, 2 grid
//        2      2  tiles, 0: as many as there are workers
//        4      2  reuse: 0 workers may recognise what tiles share in a later one, 1 not
//        6     58  zero
//
// All fields are little-endian. Whoever receives anything else closes the connection.

/// Bytes that are not a message, or a message that does not belong where it came. Says which field,
/// its value and what was expected.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class MessageKind : std::uint16_t {
  multiply = 1,
  product = 2,
  refused = 3,
  failed = 4,
  delivered = 5,
  submit = 6,
  operand = 7,
  multiply_kept = 8,
  missing = 9,
  keep = 10,
};

/// The kinds are 1 to this.
inline constexpr std::size_t kMessageKinds = 10;

/// "multiply", "product", …, "multiply-kept", "missing", "keep".
std::string_view to_string(MessageKind kind);

struct MessageHeader {
  MessageKind kind;
  std::uint64_t call_id;
  std::uint64_t payload_bytes;
};

struct Message {
  MessageHeader header;
  Buffer payload;
};

inline constexpr std::size_t kMessageHeaderBytes = 64;
inline constexpr std::size_t kDefaultMaxPayloadBytes = std::size_t{1} << 30;

/// Reads the kMessageHeaderBytes that `bytes` holds. Throws ProtocolError for a wrong magic,
/// version or kind, bytes that should be zero, a call id of 0 on anything but `failed`, or more
/// than `max_payload_bytes`.
MessageHeader parse_message_header(std::string_view bytes, std::size_t max_payload_bytes);

/// The bytes that parse_message_header() reads.
std::array<char, kMessageHeaderBytes> message_header(const MessageHeader& header);

/// The payload bytes of the `multiply` message for factors of these shapes.
std::size_t multiply_payload_bytes(Shape a, Shape b);

/// The payload bytes of the `product` message for a product of that shape.
std::size_t product_payload_bytes(Shape c);

/// The whole `multiply` message for C = A·B.
std::string encode_multiply(std::uint64_t call_id, const Matrix& a, const Matrix& b);

struct Factors {
  Matrix a;
  Matrix b;
};

/// Factors that lie in the payload that was received.
struct FactorViews {
  MatrixView a;
  MatrixView b;
};

/// Reads the payload of a `multiply` message; throws FrameError.
Factors decode_multiply(std::string_view payload);

/// The same without a copy; the payload is aligned for doubles and outlives the views.
FactorViews view_multiply(std::string_view payload);

/// The whole `product` message. `phases.encode` is what this function itself takes, whatever was
/// given, and `phases.sent_at` when it was done, if `phases.received_at` says anything.
std::string encode_product(std::uint64_t call_id, const Matrix& c, WorkerPhases phases);

inline constexpr std::size_t kWorkerPhasesBytes = 64;

/// The bytes that decode_product_phases() reads.
std::array<char, kWorkerPhasesBytes> encode_worker_phases(const WorkerPhases& phases);

/// Reads the worker phases of a `product` payload; throws ProtocolError when they are cut short or
/// longer than ten years.
WorkerPhases decode_product_phases(std::string_view payload);

/// What a `delivered` message says besides the worker's phases and the product.
struct Delivery {
  Duration queue{};
  Duration dispatch{};
  Duration return_trip{};
  Duration clock_error{};
  Duration accepted_at{};
  Duration finished_at{};
  std::string worker{};
};

/// The bytes of a `delivered` payload before the frame.
inline constexpr std::size_t kDeliveredHeadBytes = kWorkerPhasesBytes + 128;

/// The first kDeliveredHeadBytes of a `delivered` payload. Negative durations travel as 0.
std::array<char, kDeliveredHeadBytes> encode_delivered_head(const WorkerPhases& phases,
                                                            const Delivery& delivery);

/// Reads the delivery of a `delivered` payload, whose worker phases decode_product_phases() reads;
/// throws ProtocolError as that does.
Delivery decode_delivery(std::string_view payload);

/// How a submitted multiplication is to be split (wire/message.h's table).
struct Submission {
  std::uint16_t split = 0;
  std::uint16_t tiles = 0;
  std::uint16_t reuse = 0;
};

inline constexpr std::size_t kSubmissionBytes = 64;

/// The first kSubmissionBytes of a `submit` payload.
std::array<char, kSubmissionBytes> encode_submission(const Submission& submission);

/// Reads them; throws ProtocolError when they are cut short or not zero where they should be.
Submission decode_submission(std::string_view payload);

/// Reads the matrix of a `product` payload. Throws ProtocolError or FrameError when it is malformed
/// or not of shape `expected`.
Matrix decode_product_matrix(std::string_view payload, Shape expected);

/// The same without a copy; the payload is aligned for doubles and outlives the view.
MatrixView view_product_matrix(std::string_view payload, Shape expected);

/// A whole `refused` or `failed` message.
std::string encode_error(MessageKind kind, std::uint64_t call_id, std::string_view text);

}  // namespace enxame::wire
