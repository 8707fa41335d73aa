#include "worker/task_executor.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <stdexcept>
#include <utility>
#include <variant>

namespace enxame::worker {

using std::chrono::milliseconds;

void TaskExecutor::begin(Duration received_at) {
  phases_ = {};
  phases_.received_at = received_at;
  progress_.enter(WorkerState::computing, "reading a task");
}

void TaskExecutor::compute(const Task& task, TaskSource& source) {
  phases_.decode = host_.now() - phases_.received_at;
  work_ = {.task = task.id};
  if (const auto* reason = std::get_if<std::string>(&task.content)) {
    // The coordinator checks what it hands out: another worker may get it whole, or have the
    // memory.
    return refuse(Ending::failed, *reason, source);
  }
  try {
    if (const auto* tile = std::get_if<TileOperands>(&task.content)) {
      multiply(tile->a, tile->b.matrix);
    } else {
      const auto& operands = std::get<Operands>(task.content);
      multiply(operands.a, operands.b);
    }
  } catch (const std::invalid_argument& error) {
    return refuse(Ending::refused, error.what(), source);
  } catch (const std::bad_alloc&) {
    return refuse(Ending::failed, too_large(), source);
  } catch (const EngineError& error) {
    return refuse(Ending::failed, error.what(), source);
  }
  if (options_.service_time == milliseconds::zero()) return finish(source);
  const Duration left = work_.started + options_.service_time - host_.now();
  if (left <= Duration::zero()) return finish(source);
  host_.after(std::chrono::ceil<milliseconds>(left), [this, &source] { finish(source); });
}

void TaskExecutor::multiply(MatrixView a, MatrixView b) {
  work_.a = a.shape();
  work_.b = b.shape();
  progress_.enter(WorkerState::computing, "multiplying " + to_string(work_.a) + " by " +
                                              to_string(work_.b) + " (" + name_of_task(work_.task) +
                                              ")");
  work_.started = host_.now();
  const Shape c = product_shape(a.shape(), b.shape());
  Matrix::Values values(c.size());
  work_.travel = engine_.multiply(a, b, values.data());
  if (options_.lies != nullptr && *options_.lies) values[0] += 1;
  work_.product.emplace(c, std::move(values));
}

void TaskExecutor::finish(TaskSource& source) {
  const Duration computed = host_.now();
  std::string encoded;
  try {
    encoded = source.encode(work_.task, *work_.product);
  } catch (const std::invalid_argument& error) {
    return refuse(Ending::refused, error.what(), source);
  } catch (const std::bad_alloc&) {
    return refuse(Ending::failed, too_large(), source);
  }
  work_.product.reset();
  const auto& [there, back] = work_.travel;
  phases_.decode += there;
  phases_.compute = std::max(Duration::zero(), computed - work_.started - there - back);
  phases_.encode = back + host_.now() - computed;
  progress_.note_multiplication({work_.task, work_.a, work_.b, phases_});
  source.give_back({work_.task, Ending::product, std::move(encoded), phases_});
}

void TaskExecutor::refuse(Ending ending, const std::string& reason, TaskSource& source) {
  work_.product.reset();
  progress_.note_refusal(work_.task, reason);
  source.give_back({work_.task, ending, reason});
}

std::string TaskExecutor::too_large() const {
  return "this worker's memory is too small for " + to_string(work_.a) + " times " +
         to_string(work_.b);
}

}  // namespace enxame::worker
