#include "coordinator/push/client_session.h"

#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include "coordinator/push/message_socket.h"

namespace enxame::coordinator {

namespace {

using http::WebSocket;
using wire::MessageKind;

/// Where the time of a completed task went until it was.
wire::Delivery delivery_of(const TaskView& task) {
  return {.queue = task.phases.queue,
          .dispatch = task.phases.dispatch,
          .return_trip = task.phases.return_trip,
          .clock_error = task.phases.clock_error,
          .accepted_at = task.accepted_at.time_since_epoch(),
          .finished_at = task.finished_at.time_since_epoch(),
          .worker = task.worker};
}

/// Throws rpc::ProtocolError for a split that there is not.
Split split_of(const wire::Submission& how) {
  constexpr std::array kKinds{SplitKind::none, SplitKind::rows, SplitKind::grid};
  const auto refuse = [](std::string_view field, std::size_t value, std::size_t most) {
    throw wire::ProtocolError("submission: " + std::string(field) + " is " + std::to_string(value) +
                              ", expected 0 to " + std::to_string(most));
  };
  if (how.split >= kKinds.size()) refuse("split", how.split, kKinds.size() - 1);
  if (how.tiles > Split::kMaxTiles) refuse("tiles", how.tiles, Split::kMaxTiles);
  if (how.reuse > 1) refuse("reuse", how.reuse, 1);
  return {kKinds[how.split], how.tiles, how.reuse == 0};
}

}  // namespace

void ClientSession::run() {
  const PushMetrics::Open open(metrics_.push(), PushRole::client);
  while (socket_.await() == WebSocket::Event::message) serve_one();
}

void ClientSession::serve_one() {
  const wire::MessageHeader header = read_message_header(socket_);
  if (header.kind != wire::MessageKind::submit) throw unexpected(header, "submit");
  metrics_.push().received(header.kind, wire::kMessageHeaderBytes + header.payload_bytes);
  const auto head = read_block<wire::kSubmissionBytes>(socket_);
  std::string frames = read_payload(socket_, bytes_behind(header, head.size()));
  try {
    const Split split = split_of(wire::decode_submission(view(head)));
    submit(header.call_id, std::move(frames), split);
  } catch (const wire::ProtocolError& error) {
    answer(wire::MessageKind::refused, header.call_id, error.what());
  } catch (const std::invalid_argument& error) {
    answer(wire::MessageKind::refused, header.call_id, error.what());
  } catch (const ProductTooLarge& error) {
    answer(wire::MessageKind::refused, header.call_id, error.what());
  } catch (const TaskTooLarge& error) {
    answer(wire::MessageKind::refused, header.call_id, error.what());
  } catch (const StoreFull& error) {
    answer(wire::MessageKind::failed, header.call_id, error.what());
  } catch (const UnknownTask& error) {
    answer(wire::MessageKind::failed, header.call_id, error.what());
  } catch (const StoreUnavailable& error) {
    answer(wire::MessageKind::failed, header.call_id, error.what());
  }
}

void ClientSession::submit(std::uint64_t call_id, std::string frames, const Split& split) {
  auto operands = std::make_shared<Operands>(parse_operands(Codec::binary, std::move(frames)));
  check_product(operands->product, max_product_bytes_);
  const TaskId id = broker_.submit(std::move(operands), split, {}, client_);
  socket_.release_message();  // the store bounds it now
  const Awaited awaited = await_end(id);
  switch (awaited.outcome) {
    case WaitOutcome::task:
      return awaited.task.state == TaskState::completed
                 ? deliver(call_id, awaited.task)
                 : answer(wire::MessageKind::failed, call_id,
                          "the task has failed: " + awaited.task.error);
    case WaitOutcome::closed:
      return answer(wire::MessageKind::failed, call_id, "the coordinator is shutting down");
    case WaitOutcome::unavailable:
      return answer(wire::MessageKind::failed, call_id, kUnavailableWords);
    case WaitOutcome::none:
    case WaitOutcome::gone:
      return;
  }
}

/// The task when it is finished, or when nothing more can be heard of it; `gone` when the client
/// has.
Awaited ClientSession::await_end(TaskId id) {
  for (;;) {
    Awaited awaited = broker_.result(id, socket_.options().ping_interval, [] { return true; });
    if (awaited.outcome != WaitOutcome::none) return awaited;
    if (!socket_.still_there()) return {WaitOutcome::gone};
  }
}

void ClientSession::deliver(std::uint64_t call_id, const TaskView& task) {
  std::optional<SentCopy> translated;
  if (task.result->codec != Codec::binary) {
    try {
      translated.emplace(socket_, to_frame(*task.result));
    } catch (const http::WebSocketError& error) {
      return answer(wire::MessageKind::failed, call_id, error.what());
    }
  }
  const std::string& frame = translated ? translated->bytes() : task.result->wire;
  const auto head = wire::encode_delivered_head(task.phases.worker, delivery_of(task));
  metrics_.push().sent(
      wire::MessageKind::delivered,
      send_message(socket_, wire::MessageKind::delivered, call_id, {view(head), frame}));
  metrics_.collected(task);
}

void ClientSession::answer(wire::MessageKind kind, std::uint64_t call_id, std::string_view text) {
  metrics_.push().sent(kind, send_message(socket_, kind, call_id, {text}));
}

}  // namespace enxame::coordinator
