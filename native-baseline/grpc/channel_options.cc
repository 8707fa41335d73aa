#include "native-baseline/grpc/channel_options.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "wire/message.h"

namespace enxame::rpc {
namespace {

using Option = std::pair<const char*, int>;

int max_message_bytes(std::size_t max_payload_bytes) {
  constexpr std::size_t kEnvelopeBytes = 16;
  constexpr std::size_t kMost = std::numeric_limits<int>::max();
  return static_cast<int>(
      std::min(kMost, max_payload_bytes + wire::kMessageHeaderBytes + kEnvelopeBytes));
}

// Bandwidth probes, which are on by default, stay on: without them a 64 × 64 task took a third
// longer.
const std::array<Option, 3> kOptions{{
    // A large message is not cut into thousands of frames, and a small task fits a stream's window.
    {GRPC_ARG_HTTP2_MAX_FRAME_SIZE, (1 << 24) - 1},
    {GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 4 << 20},
    // The proxy tries again by itself, elsewhere.
    {GRPC_ARG_ENABLE_RETRIES, 0},
}};

}  // namespace

grpc::ChannelArguments channel_arguments(std::size_t max_payload_bytes) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(max_message_bytes(max_payload_bytes));
  arguments.SetMaxSendMessageSize(max_message_bytes(max_payload_bytes));
  for (const auto& [name, value] : kOptions) arguments.SetInt(name, value);
  return arguments;
}

void apply_channel_options(grpc::ServerBuilder& builder, std::size_t max_payload_bytes) {
  builder.SetMaxReceiveMessageSize(max_message_bytes(max_payload_bytes));
  builder.SetMaxSendMessageSize(max_message_bytes(max_payload_bytes));
  for (const auto& [name, value] : kOptions) builder.AddChannelArgument(name, value);
}

}  // namespace enxame::rpc
