#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "matmul/matrix_view.h"
#include "wire/message.h"

namespace enxame::wire {

/// The bytes of anything that lies in one piece.
std::string_view view_of(const auto& bytes) { return {bytes.data(), bytes.size()}; }

/// A message to be sent, in pieces that follow each other: headers and padding are its own, the
/// values of matrices stay where they are and have to outlive it. What sends it gathers them, so
/// that nothing is copied on the way.
class OutgoingMessage {
 public:
  /// Bytes that are whole already.
  OutgoingMessage(std::uint64_t call_id, std::string bytes);

  /// Begins a message whose payload is to be added with append().
  OutgoingMessage(MessageKind kind, std::uint64_t call_id, std::size_t payload_bytes);

  OutgoingMessage(OutgoingMessage&&) noexcept = default;
  OutgoingMessage& operator=(OutgoingMessage&&) noexcept = default;

  /// Appends a copy of `bytes`, of which there are few.
  void append(std::string_view bytes);

  /// Appends the frame of `matrix`, whose values it refers to.
  void append_frame(MatrixView matrix);

  std::uint64_t call_id() const { return call_id_; }

  /// Bytes in all pieces.
  std::size_t size() const;

  /// The pieces, until the next append().
  std::vector<std::string_view> pieces() const;

  /// All pieces, one after the other.
  std::string joined() const;

 private:
  /// Own bytes, and behind them the values of a matrix.
  struct Piece {
    std::string own;
    std::string_view values;
  };

  std::uint64_t call_id_;
  std::vector<Piece> pieces_;
};

/// The `multiply` message for C = A·B.
OutgoingMessage outgoing_multiply(std::uint64_t call_id, MatrixView a, MatrixView b);

/// The `product` message. As in encode_product(), `phases.encode` is what this function takes and
/// `phases.sent_at` when that was, if `phases.received_at` says anything.
OutgoingMessage outgoing_product(std::uint64_t call_id, MatrixView c, WorkerPhases phases);

}  // namespace enxame::wire
