#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "matmul/matrix.h"
#include "matmul/timing/stopwatch.h"
#include "native-baseline/rpc/channel.h"
#include "wire/message.h"

namespace enxame::rpc {

// The RPC of the original system: a connection for each call, on which either side says one text
// and a terminator.
//
//   client  {"method":"multiply","A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"}\r\r\r\r
//   worker  {"result":"[[19,22],[43,50]]"}\r\r\r\r
//
// Beyond the original the worker adds "timing" to its answer: its phases, as in Enxame-Timing
// (docs/wire.md); and it says what went wrong, {"refused":"why no worker can"} or
// {"failed":"why this worker cannot"}.

inline constexpr std::string_view kTextTerminator = "\r\r\r\r";

/// A text that is no task. Says what was expected.
class TextTaskError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Reads a text, one byte at a time as the original does, up to its terminator, which it leaves
/// out. Returns nothing when the peer ends without having said anything. Throws ProtocolError when
/// there are more than `max_bytes` or the peer ends before the terminator, net::TimedOut and
/// net::ConnectionError, and what `make_room` throws, which is told what is needed before there is
/// more.
std::optional<std::string> receive_text(
    Channel& channel, std::size_t max_bytes, net::Deadline deadline,
    const std::function<void(std::size_t)>& make_room = [](std::size_t) {});

/// The text of a task, with its terminator. Throws TextError for numbers that have no text.
std::string encode_text_task(const Matrix& a, const Matrix& b);

/// Reads a task. Throws TextTaskError.
wire::Factors decode_text_task(std::string_view text);

/// The most memory that reading the task of that text takes.
std::size_t text_task_bytes(std::string_view text);

/// The text of a product, with its terminator. `phases.encode` and `phases.sent_at` as in
/// encode_product(); encoding began when `watch` did.
std::string encode_text_product(const Matrix& c, WorkerPhases phases, Stopwatch watch = {});

/// The text of a `refused` or `failed` answer, with its terminator.
std::string encode_text_error(wire::MessageKind kind, const std::string& reason);

/// Reads an answer as a message: the payload of a product is the worker phases in binary, all zero
/// where the worker does not tell, and the text of the matrix. Throws ProtocolError.
wire::Message decode_text_answer(std::string_view text);

}  // namespace enxame::rpc
