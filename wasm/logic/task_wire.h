#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "matmul/codec.h"
#include "matmul/matrix.h"
#include "wasm/logic/edge.h"
#include "wasm/logic/operands.h"

namespace enxame {

/// An answer that should have been a task but does not even say which.
class AnswerError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A task as a worker was handed it.
struct Task {
  std::uint64_t id;
  std::variant<Operands, std::string> content;  ///< or why it cannot be read
};

/// The media type in which a worker with that codec asks for tasks and returns products.
std::string_view media_type(Codec codec);

/// Whether an answer to a returned product carries the next task as well.
bool carries_task(const HttpAnswer& answer);

/// Reads a 200 answer that carries a task: {"taskId":1,"data":{"A":"[[…]]","B":"[[…]]"}}, or two
/// frames and the header Enxame-Task. Throws AnswerError when the task's number cannot be told, or
/// when the answer is not in the codec that was asked for.
Task decode_task(const HttpAnswer& answer, Codec codec);

/// The body that returns a product: {"result":"[[…]]"}, or one frame. Throws TextError for a
/// product that JSON cannot carry.
std::string encode_product(const Matrix& product, Codec codec);

/// The body that says why there is no product, always JSON: {"error":"…"}.
std::string encode_error(std::string_view reason);

}  // namespace enxame
