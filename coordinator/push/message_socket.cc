#include "coordinator/push/message_socket.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "http/message.h"
#include "matmul/codec/binary_codec.h"

namespace enxame::coordinator {

namespace {

constexpr std::size_t kReadStepBytes = 512 * 1024;

}  // namespace

wire::MessageHeader read_message_header(http::WebSocket& socket) {
  const auto bytes = read_block<wire::kMessageHeaderBytes>(socket);
  try {
    return wire::parse_message_header(view(bytes), socket.options().max_message_bytes);
  } catch (const wire::ProtocolError& error) {
    throw http::WebSocketError(http::CloseCode::policy, error.what());
  }
}

http::WebSocketError unexpected(const wire::MessageHeader& header, std::string_view expected) {
  return {http::CloseCode::policy, "a message of kind " + std::string(to_string(header.kind)) +
                                       " for call " + std::to_string(header.call_id) +
                                       ", expected " + std::string(expected)};
}

std::size_t bytes_behind(const wire::MessageHeader& header, std::size_t head_bytes) {
  if (header.payload_bytes < head_bytes) {
    throw http::WebSocketError(http::CloseCode::policy,
                               "the payload of a " + std::string(to_string(header.kind)) + " has " +
                                   std::to_string(header.payload_bytes) +
                                   " bytes, expected at least " + std::to_string(head_bytes));
  }
  return static_cast<std::size_t>(header.payload_bytes) - head_bytes;
}

std::string read_payload(http::WebSocket& socket, std::size_t bytes) {
  std::string payload;
  // Reserved memory is not touched before bytes arrive.
  payload.reserve(bytes);
  while (payload.size() < bytes) {
    const std::size_t have = payload.size();
    payload.resize(std::min(bytes, have + kReadStepBytes));
    socket.read_exactly(payload.data() + have, payload.size() - have);
  }
  socket.expect_end();
  return payload;
}

Matrix read_matrix(http::WebSocket& socket) {
  const auto head = read_block<kFrameHeaderBytes>(socket);
  const FrameHeader header = parse_frame_header(view(head));
  if (header.dtype != Dtype::f64) {
    throw FrameError("a frame of " + std::string(to_string(header.dtype)) + ", expected f64");
  }
  Matrix::Values values(header.shape.size());
  const std::size_t value_bytes = values.size() * sizeof(double);
  socket.read_exactly(reinterpret_cast<char*>(values.data()), value_bytes);
  std::array<char, kFrameHeaderBytes> padding{};
  socket.read_exactly(padding.data(), header.frame_bytes() - head.size() - value_bytes);
  if (view(padding).find_first_not_of('\0') != std::string_view::npos) {
    throw FrameError("the frame's padding holds bytes that are not 0");
  }
  return {header.shape, std::move(values)};
}

SentCopy::SentCopy(http::WebSocket& socket, std::string bytes) : bytes_(std::move(bytes)) {
  net::Budget* const answers = socket.options().answers;
  if (answers == nullptr || bytes_.size() <= net::Budget::kUncountedBytes) return;
  share_.emplace(*answers);
  if (!share_->hold(bytes_.size())) {
    throw http::WebSocketError(http::CloseCode::try_again_later,
                               "there is no room for " + std::to_string(bytes_.size()) +
                                   " bytes: what is being sent may have " +
                                   std::to_string(answers->bytes()) +
                                   " bytes together (--max-in-flight)");
  }
  share_->complete();
}

std::size_t send_message(http::WebSocket& socket, wire::MessageKind kind, std::uint64_t call_id,
                         std::initializer_list<std::string_view> pieces) {
  std::size_t payload_bytes = 0;
  for (const std::string_view piece : pieces) payload_bytes += piece.size();
  const auto header = wire::message_header({kind, call_id, payload_bytes});
  std::vector<std::string_view> all{view(header)};
  all.insert(all.end(), pieces.begin(), pieces.end());
  socket.send(all);
  return header.size() + payload_bytes;
}

}  // namespace enxame::coordinator
