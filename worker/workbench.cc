#include "worker/workbench.h"

#include <chrono>
#include <new>
#include <stdexcept>
#include <utility>
#include <variant>

#include "matmul/kernel.h"

namespace enxame::worker {

using std::chrono::milliseconds;

void Workbench::begin(Duration received_at) {
  phases_ = {};
  phases_.received_at = received_at;
  progress_.enter(WorkerState::computing, "reading a task");
}

void Workbench::compute(const Task& task, Courier& courier) {
  phases_.decode = edge_.now() - phases_.received_at;
  work_ = {.task = task.id};
  if (const auto* reason = std::get_if<std::string>(&task.content)) {
    // The coordinator checks what it hands out: another worker may get it whole, or have the
    // memory.
    return refuse(Ending::failed, *reason, courier);
  }
  try {
    if (const auto* tile = std::get_if<TileOperands>(&task.content)) {
      multiply(tile->a, tile->b.matrix);
    } else {
      const auto& operands = std::get<Operands>(task.content);
      multiply(operands.a, operands.b);
    }
  } catch (const std::invalid_argument& error) {
    return refuse(Ending::refused, error.what(), courier);
  } catch (const std::bad_alloc&) {
    return refuse(Ending::failed, too_large(), courier);
  }
  if (options_.service_time == milliseconds::zero()) return finish(courier);
  const Duration left = work_.started + options_.service_time - edge_.now();
  if (left <= Duration::zero()) return finish(courier);
  edge_.after(std::chrono::ceil<milliseconds>(left), [this, &courier] { finish(courier); });
}

void Workbench::multiply(MatrixView a, MatrixView b) {
  work_.a = a.shape();
  work_.b = b.shape();
  progress_.enter(WorkerState::computing, "multiplying " + to_string(work_.a) + " by " +
                                              to_string(work_.b) + " (" + name_of_task(work_.task) +
                                              ")");
  work_.started = edge_.now();
  const Shape c = product_shape(a.shape(), b.shape());
  Matrix::Values values(c.size());
  multiply_into<double>(a, b, values.data(), options_.kernel);
  work_.product.emplace(c, std::move(values));
}

void Workbench::finish(Courier& courier) {
  const Duration computed = edge_.now();
  std::string encoded;
  try {
    encoded = courier.encode(work_.task, *work_.product);
  } catch (const std::invalid_argument& error) {
    return refuse(Ending::refused, error.what(), courier);
  } catch (const std::bad_alloc&) {
    return refuse(Ending::failed, too_large(), courier);
  }
  work_.product.reset();
  phases_.compute = computed - work_.started;
  phases_.encode = edge_.now() - computed;
  progress_.note_multiplication({work_.task, work_.a, work_.b, phases_});
  courier.give_back({work_.task, Ending::product, std::move(encoded), phases_});
}

void Workbench::refuse(Ending ending, const std::string& reason, Courier& courier) {
  work_.product.reset();
  progress_.note_refusal(work_.task, reason);
  courier.give_back({work_.task, ending, reason});
}

std::string Workbench::too_large() const {
  return "this worker's memory is too small for " + to_string(work_.a) + " times " +
         to_string(work_.b);
}

}  // namespace enxame::worker
