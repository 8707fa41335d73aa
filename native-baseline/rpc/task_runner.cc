#include "native-baseline/rpc/task_runner.h"

#include "native-baseline/rpc/huge_pages.h"

namespace enxame::rpc {

std::optional<OutgoingMessage> TaskRunner::answer(const Message& request, Buffer& product,
                                                  Stopwatch watch, const Wanted& wanted) {
  return run<OutgoingMessage>(
      watch, wanted,
      [&](TaskReport& report) { return multiply(request, product, Stopwatch(), report); },
      [&](MessageKind kind, const std::string& text) {
        return OutgoingMessage(request.header.call_id,
                               encode_error(kind, request.header.call_id, text));
      });
}

OutgoingMessage TaskRunner::multiply(const Message& request, Buffer& product, Stopwatch watch,
                                     TaskReport& report) {
  WorkerPhases& phases = report.phases;
  report.received_bytes = kMessageHeaderBytes + request.payload.size();
  const FactorViews factors = view_multiply(request.payload.view());
  product_shape(factors.a.shape(), factors.b.shape());
  phases.decode = watch.lap();
  const MatrixView c = multiply(factors.a, factors.b, product);
  phases.compute = watch.lap();
  // Nothing is left to encode but the headers.
  OutgoingMessage answer = outgoing_product(request.header.call_id, c, phases);
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
