#include "coordinator/worker_session.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>

#include "coordinator/message_socket.h"

namespace enxame {

namespace {

using http::WebSocket;
using rpc::MessageKind;

// A wait for a task ends by itself when the worker has gone or the store is closed.
constexpr std::chrono::hours kPatience{24};

}  // namespace

/// A claimed task, which comes back to the store if nothing else becomes of it.
class WorkerSession::HeldTask {
 public:
  HeldTask(TaskStore& store, const Claim& claim, const std::string& worker)
      : store_(store), claim_(claim), worker_(worker) {}
  HeldTask(const HeldTask&) = delete;
  HeldTask& operator=(const HeldTask&) = delete;
  ~HeldTask() {
    if (answered_) return;
    if (!sent_) {
      store_.give_back(claim_);
    } else {
      store_.lose(claim_, "the connection to worker \"" + worker_ + "\" ended");
    }
  }

  void sent() { sent_ = true; }
  void answered() { answered_ = true; }

 private:
  TaskStore& store_;
  const Claim& claim_;
  const std::string& worker_;
  bool sent_ = false;
  bool answered_ = false;
};

void WorkerSession::run() {
  const PushMetrics::Open open(metrics_.push(), PushRole::worker);
  while (const auto claim = next_task()) {
    HeldTask held(store_, *claim, worker_);
    if (!socket_.still_there()) return;
    send(*claim);
    held.sent();
    if (socket_.await_busy() != WebSocket::Event::message) return;
    take_answer(*claim);
    held.answered();
  }
}

/// Nothing when the worker has gone or the store was closed.
std::optional<Claim> WorkerSession::next_task() {
  for (;;) {
    const auto began = std::chrono::steady_clock::now();
    auto claim = store_.claim(worker_, kPatience, [this] { return socket_.still_there(); });
    if (claim || !socket_.still_there()) return claim;
    if (std::chrono::steady_clock::now() - began < kPatience) {
      socket_.close(http::CloseCode::going_away, "the coordinator is shutting down");
      return std::nullopt;
    }
  }
}

void WorkerSession::send(const Claim& claim) {
  const bool as_it_came = claim.operands->codec == Codec::binary;
  const std::string translated = as_it_came ? std::string() : to_frames(*claim.operands);
  const std::string& frames = as_it_came ? claim.operands->wire : translated;
  metrics_.push().sent(MessageKind::multiply,
                       send_message(socket_, MessageKind::multiply, claim.lease, {frames}));
}

void WorkerSession::take_answer(const Claim& claim) {
  const rpc::MessageHeader header = read_message_header(socket_);
  if (header.call_id != claim.lease) {
    throw unexpected(header, "an answer to call " + std::to_string(claim.lease));
  }
  metrics_.push().received(header.kind, rpc::kMessageHeaderBytes + header.payload_bytes);
  try {
    switch (header.kind) {
      case MessageKind::product:
        take_product(claim, header);
        return;
      case MessageKind::refused:
      case MessageKind::failed:
        settle(claim, header, read_payload(socket_, bytes_behind(header, 0)));
        return;
      default:
        throw unexpected(header, "product, refused or failed");
    }
  } catch (const NotHeld&) {
    // The lease ran out: somebody else has the task, or has finished it.
  } catch (const UnknownTask&) {
    // Finished by somebody else, and forgotten.
  }
}

void WorkerSession::take_product(const Claim& claim, const rpc::MessageHeader& header) {
  const auto head = read_block<rpc::kWorkerPhasesBytes>(socket_);
  std::string frame = read_payload(socket_, bytes_behind(header, head.size()));
  try {
    const WorkerPhases phases = rpc::decode_product_phases(view(head));
    auto result = std::make_shared<Result>(
        parse_result(Codec::binary, std::move(frame), claim.operands->product));
    const TaskView task = store_.complete(claim.id, worker_, {std::move(result), phases});
    if (task.just_completed) metrics_.completed(task);
  } catch (const std::invalid_argument& error) {
    store_.reject(claim.id, worker_, std::string("what came back is no product: ") + error.what());
  } catch (const rpc::ProtocolError& error) {
    store_.reject(claim.id, worker_, std::string("what came back is no product: ") + error.what());
  }
}

/// A worker that refuses a task says that nobody can compute it, one that fails only that it
/// cannot.
void WorkerSession::settle(const Claim& claim, const rpc::MessageHeader& header,
                           const std::string& text) {
  if (header.kind == MessageKind::refused) {
    store_.fail(claim.id, worker_, text);
  } else {
    store_.reject(claim.id, worker_, "the worker has failed: " + text);
  }
}

}  // namespace enxame
