// The sending half of a WebSocket.

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <system_error>
#include <vector>

#include "http/websocket/websocket.h"

namespace enxame::http {

namespace {

// What a client masks at a time: it stays in the cache between the masking and the sending.
constexpr std::size_t kMaskStepBytes = 128 * 1024;

std::size_t total(std::span<const std::string_view> pieces) {
  return std::accumulate(
      pieces.begin(), pieces.end(), std::size_t{0},
      [](std::size_t sum, std::string_view piece) { return sum + piece.size(); });
}

}  // namespace

void WebSocket::send(std::span<const std::string_view> pieces) {
  const std::size_t payload_bytes = total(pieces);
  if (side_ == Side::client) {
    send_masked(pieces, payload_bytes);
    return;
  }
  std::array<char, kMaxFrameHeadBytes> head;
  std::vector<std::string_view> all{write_frame_head({.payload_bytes = payload_bytes}, head)};
  all.insert(all.end(), pieces.begin(), pieces.end());
  stream_.write(all, net::Deadline(pace()));
}

void WebSocket::send_masked(std::span<const std::string_view> pieces, std::size_t payload_bytes) {
  std::array<char, kMaxFrameHeadBytes> head_bytes;
  const FrameHead head{.mask = next_mask(), .payload_bytes = payload_bytes};
  std::vector<char> step;
  step.reserve(std::min(kMaxFrameHeadBytes + payload_bytes, kMaskStepBytes));
  const std::string_view written_head = write_frame_head(head, head_bytes);
  step.assign(written_head.begin(), written_head.end());
  std::size_t masked = step.size();  // how much of `step` is ready to be sent
  std::size_t offset = 0;            // into the payload
  const auto flush = [&] {
    apply_mask(std::span(step).subspan(masked), *head.mask, offset % sizeof(MaskKey));
    offset += step.size() - masked;
    stream_.write({step.data(), step.size()}, net::Deadline(pace()));
    step.clear();
    masked = 0;
  };
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const std::size_t count = std::min(piece.size(), kMaskStepBytes - step.size());
      step.insert(step.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
      piece.remove_prefix(count);
      if (step.size() == kMaskStepBytes) flush();
    }
  }
  if (!step.empty()) flush();
}

void WebSocket::send_control(Opcode opcode, std::string_view payload) {
  if (close_sent_) return;
  FrameHead head{.opcode = opcode, .payload_bytes = payload.size()};
  std::string masked(payload);
  if (side_ == Side::client) {
    head.mask = next_mask();
    apply_mask(masked, *head.mask, 0);
  }
  std::array<char, kMaxFrameHeadBytes> head_bytes;
  const std::array<std::string_view, 2> pieces{write_frame_head(head, head_bytes), masked};
  stream_.write(pieces, net::Deadline(pace()));
}

MaskKey WebSocket::next_mask() {
  if (masks_left_ == 0) {
    if (getrandom(masks_.data(), sizeof masks_, 0) != ssize_t{sizeof masks_}) {
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    masks_left_ = masks_.size();
  }
  return masks_[--masks_left_];
}

}  // namespace enxame::http
