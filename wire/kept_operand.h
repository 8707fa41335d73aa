#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "matmul/matrix_view.h"
#include "wire/buffer.h"
#include "wire/digest.h"
#include "wire/operand_cache.h"
#include "wire/outgoing_message.h"

namespace enxame::wire {

// The messages by which a B that several tasks need travels to a worker once (wire/message.h):
// `operand` brings it, `multiply kept` names it, `missing` asks for it.

inline constexpr std::size_t kDigestBlockBytes = 64;

// The sender's side.

/// The digest block of either message, for whoever sends the frame from where it lies.
std::array<char, kDigestBlockBytes> digest_block(const Digest& digest);

/// The `operand` message: keep `b` under that digest.
OutgoingMessage outgoing_operand(std::uint64_t call_id, const Digest& digest, MatrixView b);

/// The `multiply kept` message: multiply `a` by what you keep under that digest.
OutgoingMessage outgoing_multiply_kept(std::uint64_t call_id, const Digest& digest, MatrixView a);

/// Both, one behind the other, for a transport that carries bytes.
OutgoingMessage outgoing_with_operand(std::uint64_t call_id, const Digest& digest, MatrixView a,
                                      MatrixView b);

/// The payload bytes of either.
std::size_t named_matrix_payload_bytes(Shape shape);

/// Reads the payload of a `missing` message; throws ProtocolError.
Digest decode_missing(std::string_view payload);

// The worker's side.

/// Keeps what the payload of an `operand` message brings, where it lies. Throws ProtocolError when
/// its digest block is none, FrameError.
void keep_operand(OperandCache& cache, OperandCache::Owner owner, Buffer payload);

/// A matrix and its digest.
struct NamedMatrix {
  Digest digest;
  Matrix matrix;
};

/// Reads the payload of an `operand` message that does not stay: throws as keep_operand() does.
NamedMatrix decode_operand(std::string_view payload);

/// What a `multiply kept` message asks for.
struct KeptTask {
  Digest digest;
  MatrixView a;                          ///< in the message's payload
  std::optional<OperandCache::Found> b;  ///< nothing: to be answered with `missing`
};

/// Reads the payload of a `multiply kept` message, aligned for doubles, and looks for its B. Throws
/// ProtocolError when its digest block is none, FrameError.
KeptTask find_kept(OperandCache& cache, OperandCache::Owner owner, std::string_view payload);

/// The whole `missing` message.
std::string encode_missing(std::uint64_t call_id, const Digest& digest);

}  // namespace enxame::wire
