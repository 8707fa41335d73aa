#include "native-baseline/grpc/channel_options.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "matmul/message.h"

namespace enxame::rpc {
namespace {

using Option = std::pair<const char*, int>;

int max_message_bytes(std::size_t max_payload_bytes) {
  constexpr std::size_t kEnvelopeBytes = 16;
  constexpr std::size_t kMost = std::numeric_limits<int>::max();
  return static_cast<int>(
      std::min(kMost, max_payload_bytes + kMessageHeaderBytes + kEnvelopeBytes));
}

const std::array<Option, 6> kOptions{{
    // A whole small task fits a stream's window, and a large one is not cut into thousands of frames.
    {GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 64 << 20},
    {GRPC_ARG_HTTP2_MAX_FRAME_SIZE, (1 << 24) - 1},
    {GRPC_ARG_HTTP2_BDP_PROBE, 0},
    {GRPC_ARG_HTTP2_WRITE_BUFFER_SIZE, 64 << 20},
    // No filters for what nobody uses: retries, tracing, load reports.
    {GRPC_ARG_ENABLE_RETRIES, 0},
    {GRPC_ARG_ENABLE_CHANNELZ, 0},
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
