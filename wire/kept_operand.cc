#include "wire/kept_operand.h"

#include <cstring>
#include <memory>
#include <utility>

#include "matmul/codec/binary_codec.h"
#include "matmul/timing/stopwatch.h"

namespace enxame::wire {
namespace {

Digest take_digest_block(std::string_view& payload) {
  if (payload.size() < kDigestBlockBytes) {
    throw ProtocolError("message: the payload is " + std::to_string(payload.size()) +
                        " bytes, expected at least the digest's " +
                        std::to_string(kDigestBlockBytes));
  }
  Digest digest;
  std::memcpy(digest.bytes.data(), payload.data(), digest.bytes.size());
  const std::string_view rest =
      payload.substr(digest.bytes.size(), kDigestBlockBytes - digest.bytes.size());
  if (rest.find_first_not_of('\0') != std::string_view::npos) {
    throw ProtocolError("message: what follows the digest is not all zero, expected " +
                        std::to_string(rest.size()) + " zero bytes");
  }
  payload.remove_prefix(kDigestBlockBytes);
  return digest;
}

void expect_end(std::string_view rest, const char* what) {
  if (rest.empty()) return;
  throw ProtocolError("message: " + std::to_string(rest.size()) + " bytes follow " + what +
                      ", expected none");
}

struct NamedView {
  Digest digest;
  MatrixView matrix;
};

NamedView view_named(std::string_view payload) {
  const Digest digest = take_digest_block(payload);
  const MatrixView matrix = take_frame_view<double>(payload);
  expect_end(payload, "the frame");
  return {digest, matrix};
}

OutgoingMessage outgoing_named(MessageKind kind, std::uint64_t call_id, const Digest& digest,
                               MatrixView matrix) {
  OutgoingMessage message(kind, call_id, named_matrix_payload_bytes(matrix.shape()));
  message.append(view_of(digest_block(digest)));
  message.append_frame(matrix);
  return message;
}

}  // namespace

std::array<char, kDigestBlockBytes> digest_block(const Digest& digest) {
  std::array<char, kDigestBlockBytes> block{};
  std::memcpy(block.data(), digest.bytes.data(), digest.bytes.size());
  return block;
}

OutgoingMessage outgoing_operand(std::uint64_t call_id, const Digest& digest, MatrixView b) {
  return outgoing_named(MessageKind::operand, call_id, digest, b);
}

OutgoingMessage outgoing_multiply_kept(std::uint64_t call_id, const Digest& digest, MatrixView a) {
  return outgoing_named(MessageKind::multiply_kept, call_id, digest, a);
}

OutgoingMessage outgoing_with_operand(std::uint64_t call_id, const Digest& digest, MatrixView a,
                                      MatrixView b) {
  OutgoingMessage message = outgoing_operand(call_id, digest, b);
  const auto header =
      message_header({MessageKind::multiply_kept, call_id, named_matrix_payload_bytes(a.shape())});
  message.append(view_of(header));
  message.append(view_of(digest_block(digest)));
  message.append_frame(a);
  return message;
}

std::size_t named_matrix_payload_bytes(Shape shape) {
  return kDigestBlockBytes + FrameHeader{Dtype::f64, shape}.frame_bytes();
}

Digest decode_missing(std::string_view payload) {
  const Digest digest = take_digest_block(payload);
  expect_end(payload, "the digest");
  return digest;
}

void keep_operand(OperandCache& cache, OperandCache::Owner owner, Buffer payload) {
  Stopwatch watch;
  payload.shrink_to_fit();  // the cache counts what it holds, not what a larger message left
  const auto memory = std::make_shared<const Buffer>(std::move(payload));
  const NamedView operand = view_named(memory->view());
  cache.keep(owner, operand.digest, {operand.matrix, memory}, watch.lap());
}

NamedMatrix decode_operand(std::string_view payload) {
  const Digest digest = take_digest_block(payload);
  Matrix matrix = take_frame<double>(payload);
  expect_end(payload, "the frame");
  return {digest, std::move(matrix)};
}

KeptTask find_kept(OperandCache& cache, OperandCache::Owner owner, std::string_view payload) {
  const NamedView a = view_named(payload);
  return {a.digest, a.matrix, cache.find(owner, a.digest)};
}

std::string encode_missing(std::uint64_t call_id, const Digest& digest) {
  OutgoingMessage message(MessageKind::missing, call_id, kDigestBlockBytes);
  message.append(view_of(digest_block(digest)));
  return message.joined();
}

}  // namespace enxame::wire
