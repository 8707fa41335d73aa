#include "coordinator/push/worker_session.h"

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "coordinator/push/message_socket.h"
#include "coordinator/store/split_operands.h"
#include "wire/kept_operand.h"

namespace enxame::coordinator {

namespace {

using http::WebSocket;
using wire::MessageKind;

// A wait for a task ends by itself when the worker has gone or the store is closed.
constexpr std::chrono::hours kPatience{24};

/// Names of operands remembered for a connection; a worker keeps fewer, most likely.
constexpr std::size_t kMostNames = 4096;

}  // namespace

/// A claimed task, which comes back to the store if nothing else becomes of it.
class WorkerSession::HeldTask {
 public:
  HeldTask(TaskStore& store, const Claim& claim) : store_(store), claim_(claim) {}
  HeldTask(const HeldTask&) = delete;
  HeldTask& operator=(const HeldTask&) = delete;
  ~HeldTask() {
    if (answered_) return;
    if (!sent_) {
      store_.give_back(claim_);
    } else {
      store_.lose(claim_, "its connection ended");
    }
  }

  void sent() { sent_ = true; }
  void answered() { answered_ = true; }

 private:
  TaskStore& store_;
  const Claim& claim_;
  bool sent_ = false;
  bool answered_ = false;
};

void WorkerSession::run() {
  const PushMetrics::Open open(metrics_.push(), PushRole::worker);
  while (const auto claim = next_task()) {
    HeldTask held(store_, *claim);
    if (!is_ready()) return;
    was_missing_ = false;
    send(*claim);
    held.sent();
    do {
      if (socket_.await_busy() != WebSocket::Event::message) return;
    } while (!take_answer(*claim));
    held.answered();
  }
}

/// Nothing when the worker has gone or the store was closed.
std::optional<Claim> WorkerSession::next_task() {
  for (;;) {
    const auto began = std::chrono::steady_clock::now();
    auto claim = store_.claim({worker_, Fence::lease}, kPatience,
                              [this] { return socket_.still_there() && !socket_.message_waits(); });
    if (claim || !is_ready()) return claim;
    if (std::chrono::steady_clock::now() - began < kPatience) {
      socket_.close(http::CloseCode::going_away, "the coordinator is shutting down");
      return std::nullopt;
    }
  }
}

/// Whether the worker is there. Throws when it speaks without having a task.
bool WorkerSession::is_ready() {
  if (!socket_.still_there()) return false;
  if (!socket_.message_waits()) return true;
  throw http::WebSocketError(http::CloseCode::policy,
                             "a message from a worker without a task, expected none");
}

void WorkerSession::send(const Claim& claim) {
  // A worker that has no room for what tiles share gets them whole.
  const auto& tile = claim.operands->tile;
  if (tile && !was_missing_) return send_tile(claim, *tile);
  const bool as_it_came = claim.operands->codec == Codec::binary && !tile;
  std::optional<SentCopy> translated;
  if (!as_it_came) translated.emplace(socket_, to_frames(*claim.operands));
  const std::string& frames = translated ? translated->bytes() : claim.operands->wire;
  metrics_.push().sent(wire::MessageKind::multiply,
                       send_message(socket_, wire::MessageKind::multiply, claim.lease, {frames}));
}

void WorkerSession::send_tile(const Claim& claim, const TileOf& tile) {
  const wire::Digest& digest = tile.whole->b_digest(tile.tile);
  const auto block = wire::digest_block(digest);
  just_sent_ = !sent_.contains(digest);
  if (just_sent_) {
    metrics_.push().sent(wire::MessageKind::operand,
                         send_message(socket_, wire::MessageKind::operand, claim.lease,
                                      {view(block), tile.whole->b_frame(tile.tile)}));
    if (sent_.size() >= kMostNames) sent_.clear();
    sent_.insert(digest);
  }
  const FrameView a = tile.whole->a(tile.tile);
  const std::string padding(padding_bytes(a.header), '\0');
  metrics_.push().sent(wire::MessageKind::multiply_kept,
                       send_message(socket_, wire::MessageKind::multiply_kept, claim.lease,
                                    {view(block), frame_head(a.header), a.elements, padding}));
}

/// Returns whether that was the last word on the task.
bool WorkerSession::take_answer(const Claim& claim) {
  const wire::MessageHeader header = read_message_header(socket_);
  if (header.call_id != claim.lease) {
    throw unexpected(header, "an answer to call " + std::to_string(claim.lease));
  }
  metrics_.push().received(header.kind, wire::kMessageHeaderBytes + header.payload_bytes);
  try {
    switch (header.kind) {
      case wire::MessageKind::product:
        take_product(claim, header);
        break;
      case wire::MessageKind::refused:
      case wire::MessageKind::failed:
        settle(claim, header, read_payload(socket_, bytes_behind(header, 0)));
        break;
      case wire::MessageKind::missing:
        send_again(claim, header);
        return false;
      default:
        throw unexpected(header, "product, refused or failed");
    }
  } catch (const NotHeld&) {
    // The lease ran out: somebody else has the task, or has finished it.
  } catch (const UnknownTask&) {
    // Finished by somebody else, and forgotten.
  }
  return true;
}

/// The worker does not have what a tile shares with others (any more).
void WorkerSession::send_again(const Claim& claim, const wire::MessageHeader& header) {
  const auto& tile = claim.operands->tile;
  const std::string payload = read_payload(socket_, bytes_behind(header, 0));
  if (!tile || was_missing_ || wire::decode_missing(payload) != tile->whole->b_digest(tile->tile)) {
    throw unexpected(header, "product, refused or failed");
  }
  // Once it may have let it go; right after it was sent there is no room for it.
  was_missing_ = just_sent_;
  sent_.erase(tile->whole->b_digest(tile->tile));
  send(claim);
}

void WorkerSession::take_product(const Claim& claim, const wire::MessageHeader& header) {
  const auto head = read_block<wire::kWorkerPhasesBytes>(socket_);
  std::string frame = read_payload(socket_, bytes_behind(header, head.size()));
  try {
    const WorkerPhases phases = wire::decode_product_phases(view(head));
    auto result = std::make_shared<Result>(
        parse_result(Codec::binary, std::move(frame), claim.operands->product));
    const TaskView task =
        store_.complete(claim.id, {worker_, claim.lease}, {std::move(result), phases});
    if (task.just_completed) metrics_.completed(task);
  } catch (const NotFinite& error) {
    fail(claim, error.what());
  } catch (const std::invalid_argument& error) {
    reject(claim, std::string("what came back is no product: ") + error.what());
  } catch (const wire::ProtocolError& error) {
    reject(claim, std::string("what came back is no product: ") + error.what());
  }
}

void WorkerSession::reject(const Claim& claim, const std::string& reason) {
  store_.reject(claim.id, {worker_, claim.lease}, reason);
}

void WorkerSession::fail(const Claim& claim, const std::string& reason) {
  store_.fail(claim.id, {worker_, claim.lease}, reason);
}

/// A worker that refuses a task says that nobody can compute it, one that fails only that it
/// cannot.
void WorkerSession::settle(const Claim& claim, const wire::MessageHeader& header,
                           const std::string& text) {
  if (header.kind == wire::MessageKind::refused) {
    fail(claim, text);
  } else {
    reject(claim, "the worker has failed: " + text);
  }
}

}  // namespace enxame::coordinator
