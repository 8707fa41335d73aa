#pragma once

#include <cstdint>
#include <string>

#include "matmul/matrix.h"
#include "matmul/timing/phases.h"

namespace enxame::worker {

/// How a task ended in this worker.
enum class Ending {
  product,
  refused,  ///< nobody could compute it
  failed,   ///< this worker could not
};

/// What became of a task.
struct Outcome {
  std::uint64_t task = 0;
  Ending ending = Ending::product;
  std::string content;    ///< the product as its source encoded it, or why there is none, in words
  WorkerPhases phases{};  ///< of a product; when it is sent is for its task source to say
};

/// Brings tasks to the executor and takes back what becomes of them: one per dispatch.
class TaskSource {
 public:
  virtual ~TaskSource() = default;

  /// Goes for the first task. Call once.
  virtual void start() = 0;

  /// The bytes in which the product of `task` goes back. Throws std::invalid_argument for a product
  /// that they cannot carry.
  virtual std::string encode(std::uint64_t task, const Matrix& product) = 0;

  /// Takes a task back and goes for the next.
  virtual void give_back(Outcome outcome) = 0;
};

}  // namespace enxame::worker
