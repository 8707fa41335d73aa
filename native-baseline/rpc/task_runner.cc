#include "native-baseline/rpc/task_runner.h"

#include "native-baseline/rpc/huge_pages.h"

namespace enxame::rpc {

namespace {

auto failing(const Message& request) {
  return [call_id = request.header.call_id](MessageKind kind, const std::string& text) {
    return OutgoingMessage(call_id, encode_error(kind, call_id, text));
  };
}

}  // namespace

std::optional<OutgoingMessage> TaskRunner::answer(const Message& request, Buffer& product,
                                                  Stopwatch watch, const Wanted& wanted) {
  return run<OutgoingMessage>(
      watch, wanted,
      [&](TaskReport& report) { return multiply(request, product, Stopwatch(), report); },
      failing(request));
}

std::optional<OutgoingMessage> TaskRunner::answer_kept(const Message& request,
                                                       OperandCache::Owner owner, Buffer& product,
                                                       Stopwatch watch, const Wanted& wanted) {
  const std::uint64_t call_id = request.header.call_id;
  const KeptTask task = find_kept(operands_, owner, request.payload.view());
  if (!task.b) return OutgoingMessage(call_id, encode_missing(call_id, task.digest));
  return run<OutgoingMessage>(
      watch, wanted,
      [&](TaskReport& report) {
        report.received_bytes = kMessageHeaderBytes + request.payload.size();
        // What it took to read the operand counts as if it had been read only now.
        report.phases.received_at -= task.b->decode;
        report.phases.decode = task.b->decode;
        return make_product(call_id, task.a, task.b->operand.matrix, product, Stopwatch(),
                            report.phases);
      },
      failing(request));
}

OutgoingMessage TaskRunner::multiply(const Message& request, Buffer& product, Stopwatch watch,
                                     TaskReport& report) {
  report.received_bytes = kMessageHeaderBytes + request.payload.size();
  const FactorViews factors = view_multiply(request.payload.view());
  return make_product(request.header.call_id, factors.a, factors.b, product, watch, report.phases);
}

OutgoingMessage TaskRunner::make_product(std::uint64_t call_id, MatrixView a, MatrixView b,
                                         Buffer& product, Stopwatch watch, WorkerPhases& phases) {
  product_shape(a.shape(), b.shape());
  phases.decode += watch.lap();
  const MatrixView c = multiply(a, b, product);
  phases.compute = watch.lap();
  // Nothing is left to encode but the headers.
  OutgoingMessage answer = outgoing_product(call_id, c, phases);
  phases.encode = watch.lap();
  return answer;
}

MatrixView TaskRunner::multiply(MatrixView a, MatrixView b, Buffer& product) {
  const Shape shape = product_shape(a.shape(), b.shape());
  if (const std::size_t bytes = product_payload_bytes(shape); bytes > max_payload_bytes_) {
    throw ShapeError("the product, " + enxame::to_string(shape) + ", would take " +
                     std::to_string(bytes) + " bytes on the wire, more than the " +
                     std::to_string(max_payload_bytes_) + " allowed");
  }
  product.resize(shape.size() * sizeof(double));
  prefer_huge_pages(product);
  auto* const values = reinterpret_cast<double*>(product.data());
  multiplier_.multiply(a, b, values);
  return {shape, values};
}

}  // namespace enxame::rpc
