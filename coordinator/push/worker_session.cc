#include "coordinator/push/worker_session.h"

#include <chrono>
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
class WorkerSession::ClaimGuard {
 public:
  ClaimGuard(TaskBroker& broker, const Claim& claim) : broker_(broker), claim_(claim) {}
  ClaimGuard(const ClaimGuard&) = delete;
  ClaimGuard& operator=(const ClaimGuard&) = delete;
  ~ClaimGuard() {
    if (answered_) return;
    if (!sent_) {
      broker_.requeue(claim_);
    } else {
      broker_.abandon(claim_, "its connection ended");
    }
  }

  void sent() { sent_ = true; }
  void answered() { answered_ = true; }

 private:
  TaskBroker& broker_;
  const Claim& claim_;
  bool sent_ = false;
  bool answered_ = false;
};

void WorkerSession::run() try {
  const PushMetrics::Open open(metrics_.push(), PushRole::worker);
  while (const auto task = next_task()) {
    ClaimGuard held(broker_, *task);
    if (!is_ready()) return;
    was_missing_ = false;
    send(*task);
    held.sent();
    do {
      if (socket_.await_busy() != WebSocket::Event::message) return;
    } while (!take_answer(*task));
    held.answered();
  }
} catch (const Quarantined& error) {
  socket_.close(http::CloseCode::policy, error.what());
}

/// Nothing when the worker has gone or the coordinator is shutting down.
std::optional<Assignment> WorkerSession::next_task() {
  for (;;) {
    Claimed claimed = broker_.claim(
        ask_, kPatience, [this] { return socket_.still_there() && !socket_.message_waits(); });
    if (claimed) return std::move(claimed.task);
    if (!is_ready()) return std::nullopt;
    switch (claimed.outcome) {
      case WaitOutcome::closed:
        socket_.close(http::CloseCode::going_away, "the coordinator is shutting down");
        return std::nullopt;
      case WaitOutcome::unavailable:
        socket_.close(http::CloseCode::try_again_later, kUnavailableWords);
        return std::nullopt;
      case WaitOutcome::task:
      case WaitOutcome::none:
      case WaitOutcome::gone:
        break;
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

void WorkerSession::send(const Assignment& task) {
  // A worker that has no room for what tiles share gets them whole.
  const auto& tile = task.operands->tile;
  if (tile && !was_missing_) return send_tile(task, *tile);
  const bool as_it_came = task.operands->codec == Codec::binary && !tile;
  std::optional<SentCopy> translated;
  if (!as_it_came) translated.emplace(socket_, to_frames(*task.operands));
  const std::string& frames = translated ? translated->bytes() : task.operands->wire;
  metrics_.push().sent(wire::MessageKind::multiply,
                       send_message(socket_, wire::MessageKind::multiply, task.lease, {frames}));
}

void WorkerSession::send_tile(const Assignment& task, const TileOf& tile) {
  const wire::Digest& digest = tile.whole->b_digest(tile.tile);
  const auto block = wire::digest_block(digest);
  just_sent_ = !sent_.contains(digest);
  if (just_sent_) {
    metrics_.push().sent(wire::MessageKind::operand,
                         send_message(socket_, wire::MessageKind::operand, task.lease,
                                      {view(block), tile.whole->b_frame(tile.tile)}));
    if (sent_.size() >= kMostNames) sent_.clear();
    sent_.insert(digest);
  }
  const FrameView a = tile.whole->a(tile.tile);
  const std::string padding(padding_bytes(a.header), '\0');
  metrics_.push().sent(wire::MessageKind::multiply_kept,
                       send_message(socket_, wire::MessageKind::multiply_kept, task.lease,
                                    {view(block), frame_head(a.header), a.elements, padding}));
}

/// Returns whether that was the last word on the task.
bool WorkerSession::take_answer(const Assignment& task) {
  const wire::MessageHeader header = read_message_header(socket_);
  if (header.call_id != task.lease) {
    throw unexpected(header, "an answer to call " + std::to_string(task.lease));
  }
  metrics_.push().received(header.kind, wire::kMessageHeaderBytes + header.payload_bytes);
  try {
    switch (header.kind) {
      case wire::MessageKind::product:
        take_product(task, header);
        break;
      case wire::MessageKind::refused:
      case wire::MessageKind::failed:
        settle(task, header, read_payload(socket_, bytes_behind(header, 0)));
        break;
      case wire::MessageKind::missing:
        send_again(task, header);
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
void WorkerSession::send_again(const Assignment& task, const wire::MessageHeader& header) {
  const auto& tile = task.operands->tile;
  const std::string payload = read_payload(socket_, bytes_behind(header, 0));
  if (!tile || was_missing_ || wire::decode_missing(payload) != tile->whole->b_digest(tile->tile)) {
    throw unexpected(header, "product, refused or failed");
  }
  // Once it may have let it go; right after it was sent there is no room for it.
  was_missing_ = just_sent_;
  sent_.erase(tile->whole->b_digest(tile->tile));
  send(task);
}

void WorkerSession::take_product(const Assignment& task, const wire::MessageHeader& header) {
  const auto head = read_block<wire::kWorkerPhasesBytes>(socket_);
  std::string frame = read_payload(socket_, bytes_behind(header, head.size()));
  broker_.saw(ask_.worker);
  try {
    complete(task, wire::decode_product_phases(view(head)), std::move(frame));
  } catch (const std::invalid_argument& error) {
    broker_.nack(task, std::string("the result is not taken: ") + error.what());
  } catch (const wire::ProtocolError& error) {
    broker_.nack(task, std::string("the result is not taken: ") + error.what());
  }
}

void WorkerSession::complete(const Assignment& task, const WorkerPhases& phases,
                             std::string frame) {
  try {
    Result product = parse_result(Codec::binary, std::move(frame), task.operands->product);
    broker_.complete(task, ask_.worker, std::move(product), phases);
  } catch (const NotFinite& error) {
    broker_.overflowed(task, ask_.worker, error.what());
  }
}

/// A worker that refuses a task says that nobody can compute it, one that fails only that it
/// cannot.
void WorkerSession::settle(const Assignment& task, const wire::MessageHeader& header,
                           const std::string& text) {
  broker_.saw(ask_.worker);
  if (header.kind == wire::MessageKind::refused) {
    broker_.fail(task, text);
  } else {
    broker_.nack(task, "the worker has failed: " + text);
  }
}

}  // namespace enxame::coordinator
