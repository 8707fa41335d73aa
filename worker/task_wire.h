#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "matmul/codec/codec.h"
#include "matmul/matrix.h"
#include "wire/digest.h"
#include "worker/host.h"
#include "worker/operands.h"
#include "worker/task_source.h"

namespace enxame::worker {

/// An answer that should have been a task but does not even say which.
class AnswerError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A task as a worker was handed it.
struct Task {
  std::uint64_t id;
  std::variant<Operands, TileOperands, std::string> content;  ///< or why it cannot be read
};

/// A tile as a worker was handed it that keeps operands.
struct NamedTile {
  std::uint64_t id = 0;
  wire::Digest b{};           ///< of its B, which comes apart
  std::optional<Matrix> a{};  ///< nothing:
  std::string unreadable{};   ///< why it cannot be read
};

/// Whether an answer to a returned product carries the next task as well.
bool carries_task(const HttpAnswer& answer);

/// Reads a 200 answer that carries a task: {"taskId":1,"data":{"A":"[[…]]","B":"[[…]]"}}, or two
/// frames and the header Enxame-Task. Throws AnswerError when the task's number cannot be told, or
/// when the answer is not in the codec that was asked for.
Task decode_task(const HttpAnswer& answer, Codec codec);

/// Whether the answer that carries a task names its B in place of bringing it.
bool names_operand(const HttpAnswer& answer);

/// Reads a 200 answer that carries a tile without its B: the frame of its A, the headers
/// Enxame-Task and Enxame-Operand. Throws AnswerError when the tile's number or its B cannot be
/// told.
NamedTile decode_named_tile(const HttpAnswer& answer);

/// Reads the frame of a B. Throws std::invalid_argument, also when it is too large for this
/// worker's memory.
Matrix decode_operand(std::string_view body);

/// The body that returns a product: {"result":"[[…]]"}, or one frame. Throws TextError for a
/// product that JSON cannot carry.
std::string encode_product(const Matrix& product, Codec codec);

/// The body that says why there is no product, always JSON: {"refused":"…"} when nobody could
/// compute it, {"error":"…"} when this worker cannot.
std::string encode_no_product(Ending ending, std::string_view reason);

}  // namespace enxame::worker
