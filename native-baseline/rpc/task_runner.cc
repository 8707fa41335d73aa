#include "native-baseline/rpc/task_runner.h"

#include "native-baseline/rpc/huge_pages.h"

namespace enxame::rpc {

namespace {

auto failing(const wire::Message& request) {
  return [call_id = request.header.call_id](wire::MessageKind kind, const std::string& text) {
    return wire::OutgoingMessage(call_id, wire::encode_error(kind, call_id, text));
  };
}

}  // namespace

TaskRunner::TaskRunner(native::Multiplier& multiplier, const WorkerServerOptions& options,
                       const MemoryParts& parts)
    : multiplier_(multiplier),
      max_payload_bytes_(options.max_payload_bytes),
      observer_(options.observer),
      operands_(parts.operands),
      memory_(parts.tasks) {}

std::optional<wire::OutgoingMessage> TaskRunner::answer(const wire::Message& request, Room& room,
                                                        Stopwatch watch, const Wanted& wanted) {
  return run<wire::OutgoingMessage>(
      watch, wanted,
      [&](TaskReport& report) { return multiply(request, room, Stopwatch(), report); },
      failing(request));
}

std::optional<wire::OutgoingMessage> TaskRunner::answer_kept(const wire::Message& request,
                                                             wire::OperandCache::Owner owner,
                                                             Room& room, Stopwatch watch,
                                                             const Wanted& wanted) {
  const std::uint64_t call_id = request.header.call_id;
  const wire::KeptTask task = wire::find_kept(operands_, owner, request.payload.view());
  if (!task.b) return wire::OutgoingMessage(call_id, wire::encode_missing(call_id, task.digest));
  const auto fail = failing(request);
  // Who waits for a turn holds its operand, also when others have taken its place meanwhile.
  native::MemoryBudget::Share held(memory_);
  try {
    held.grow_to(task.b->operand.matrix.shape().size() * sizeof(double));
  } catch (const native::NoRoom& error) {
    return fail(wire::MessageKind::failed, error.what());
  }
  return run<wire::OutgoingMessage>(
      watch, wanted,
      [&](TaskReport& report) {
        report.received_bytes = wire::kMessageHeaderBytes + request.payload.size();
        // What it took to read the operand counts as if it had been read only now.
        report.phases.received_at -= task.b->decode;
        report.phases.decode = task.b->decode;
        return make_product(call_id, task.a, task.b->operand.matrix, room, Stopwatch(),
                            report.phases);
      },
      fail);
}

wire::OutgoingMessage TaskRunner::multiply(const wire::Message& request, Room& room,
                                           Stopwatch watch, TaskReport& report) {
  report.received_bytes = wire::kMessageHeaderBytes + request.payload.size();
  const wire::FactorViews factors = wire::view_multiply(request.payload.view());
  return make_product(request.header.call_id, factors.a, factors.b, room, watch, report.phases);
}

wire::OutgoingMessage TaskRunner::make_product(std::uint64_t call_id, MatrixView a, MatrixView b,
                                               Room& room, Stopwatch watch, WorkerPhases& phases) {
  const Shape shape = product_shape(a.shape(), b.shape());
  check_product(shape, wire::product_payload_bytes(shape));
  phases.decode += watch.lap();
  const std::size_t bytes = shape.size() * sizeof(double);
  if (bytes > room.product.capacity()) room.share.grow_by(bytes - room.product.capacity());
  room.product.resize(bytes);
  prefer_huge_pages(room.product);
  auto* const values = reinterpret_cast<double*>(room.product.data());
  multiply(a, b, values);
  phases.compute = watch.lap();
  // Nothing is left to encode but the headers.
  wire::OutgoingMessage answer = wire::outgoing_product(call_id, {shape, values}, phases);
  phases.encode = watch.lap();
  return answer;
}

void TaskRunner::check_product(Shape shape, std::size_t bytes) const {
  if (bytes <= max_payload_bytes_) return;
  throw ShapeError("the product, " + enxame::to_string(shape) + ", would take up to " +
                   std::to_string(bytes) + " bytes on the wire, more than the " +
                   std::to_string(max_payload_bytes_) + " allowed (--max-message)");
}

}  // namespace enxame::rpc
