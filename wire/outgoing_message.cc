#include "wire/outgoing_message.h"

#include <utility>

#include "matmul/codec/binary_codec.h"
#include "matmul/timing/stopwatch.h"

namespace enxame::wire {

OutgoingMessage::OutgoingMessage(std::uint64_t call_id, std::string bytes) : call_id_(call_id) {
  pieces_.push_back({std::move(bytes), {}});
}

OutgoingMessage::OutgoingMessage(MessageKind kind, std::uint64_t call_id, std::size_t payload_bytes)
    : call_id_(call_id) {
  pieces_.reserve(3);
  pieces_.push_back({{}, {}});
  append(view_of(message_header({kind, call_id, payload_bytes})));
}

void OutgoingMessage::append(std::string_view bytes) {
  if (!pieces_.back().values.empty()) pieces_.push_back({{}, {}});
  pieces_.back().own.append(bytes);
}

void OutgoingMessage::append_frame(MatrixView matrix) {
  append(view_of(frame_header<double>(matrix.shape())));
  const std::size_t bytes = matrix.shape().size() * sizeof(double);
  pieces_.back().values = {reinterpret_cast<const char*>(matrix.data()), bytes};
  const std::size_t padding =
      FrameHeader{Dtype::f64, matrix.shape()}.frame_bytes() - kFrameHeaderBytes - bytes;
  if (padding > 0) append(std::string(padding, '\0'));
}

std::size_t OutgoingMessage::size() const {
  std::size_t size = 0;
  for (const Piece& piece : pieces_) size += piece.own.size() + piece.values.size();
  return size;
}

std::vector<std::string_view> OutgoingMessage::pieces() const {
  std::vector<std::string_view> pieces;
  pieces.reserve(2 * pieces_.size());
  for (const Piece& piece : pieces_) {
    pieces.emplace_back(piece.own);
    if (!piece.values.empty()) pieces.push_back(piece.values);
  }
  return pieces;
}

std::string OutgoingMessage::joined() const {
  std::string whole;
  whole.reserve(size());
  for (const std::string_view piece : pieces()) whole.append(piece);
  return whole;
}

OutgoingMessage outgoing_multiply(std::uint64_t call_id, MatrixView a, MatrixView b) {
  OutgoingMessage message(MessageKind::multiply, call_id,
                          multiply_payload_bytes(a.shape(), b.shape()));
  message.append_frame(a);
  message.append_frame(b);
  return message;
}

OutgoingMessage outgoing_product(std::uint64_t call_id, MatrixView c, WorkerPhases phases) {
  Stopwatch watch;
  OutgoingMessage message(MessageKind::product, call_id, product_payload_bytes(c.shape()));
  phases.encode = watch.lap();
  if (phases.received_at != Duration::zero()) phases.sent_at = watch.lap_began_at();
  message.append(view_of(encode_worker_phases(phases)));
  message.append_frame(c);
  return message;
}

}  // namespace enxame::wire
