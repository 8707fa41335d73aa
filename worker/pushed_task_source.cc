#include "worker/pushed_task_source.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "matmul/codec/binary_codec.h"
#include "wire/kept_operand.h"
#include "wire/message.h"
#include "worker/query.h"
#include "worker/task_wire.h"

namespace enxame::worker {
namespace {

/// There is one coordinator at a time, and what it sent goes with its connection.
constexpr wire::OperandCache::Owner kConnected = 0;

/// The header of a message that is whole. Throws wire::ProtocolError for anything else.
wire::MessageHeader check_whole(std::string_view message) {
  const auto expect = [](const std::string& what, const std::string& expected) {
    throw wire::ProtocolError(what + ", expected " + expected);
  };
  if (message.size() < wire::kMessageHeaderBytes) {
    expect("a message of " + std::to_string(message.size()) + " bytes",
           "at least " + std::to_string(wire::kMessageHeaderBytes));
  }
  const wire::MessageHeader header = wire::parse_message_header(
      message.substr(0, wire::kMessageHeaderBytes), wire::kDefaultMaxPayloadBytes);
  if (const std::size_t payload = message.size() - wire::kMessageHeaderBytes;
      payload != header.payload_bytes) {
    expect("a message with " + std::to_string(payload) + " bytes of payload",
           std::to_string(header.payload_bytes));
  }
  return header;
}

Task decode_task(std::uint64_t id, std::string_view payload) {
  try {
    wire::Factors factors = wire::decode_multiply(payload);
    return {id, Operands{std::move(factors.a), std::move(factors.b)}};
  } catch (const FrameError& error) {
    return {id, error.what()};
  }
}

}  // namespace

void PushedTaskSource::connect() {
  progress_.enter(WorkerState::asking, "connecting to the coordinator");
  opened_at_ = host_.now();
  std::string target = "/ws?role=worker&workerId=" + percent_encode(options_.worker_id);
  if (!options_.keeper.empty()) target += "&keeper=" + percent_encode(options_.keeper);
  socket_ = host_.open(target, *this);
}

void PushedTaskSource::opened() {
  opened_at_ = host_.now();
  progress_.note_contact(opened_at_);
  progress_.enter(WorkerState::asking, "connected, waiting for a task");
}

void PushedTaskSource::received(std::string_view message) {
  const Duration received_at = host_.now();
  progress_.note_contact(received_at);
  try {
    read(message, received_at);
  } catch (const wire::ProtocolError& error) {
    disconnect("waited for a task: got " + std::string(error.what()));
  }
}

void PushedTaskSource::read(std::string_view message, Duration received_at) {
  if (is_computing_) throw wire::ProtocolError("a message before the last task was answered");
  executor_.begin(received_at);
  const wire::MessageHeader header = check_whole(message);
  const std::string_view payload = message.substr(wire::kMessageHeaderBytes);
  switch (header.kind) {
    case wire::MessageKind::multiply:
      progress_.note_success();
      is_computing_ = true;
      return multiply(header.call_id, payload);
    case wire::MessageKind::operand:
      return keep(payload, received_at);
    case wire::MessageKind::multiply_kept:
      return read_kept(header.call_id, payload, received_at);
    default:
      throw wire::ProtocolError("a message of kind " + std::string(to_string(header.kind)) +
                                ", expected multiply");
  }
}

void PushedTaskSource::multiply(std::uint64_t id, std::string_view payload) {
  std::optional<Task> task;
  try {
    task = decode_task(id, payload);
  } catch (const std::bad_alloc&) {  // another worker may have the room
    const std::string reason = "the operands are too large for this worker's memory";
    progress_.note_refusal(id, reason);
    return give_back({id, Ending::failed, reason});
  }
  executor_.compute(*task, *this);
}

/// Keeps what an `operand` message brings. One that cannot be read or kept will be missing.
void PushedTaskSource::keep(std::string_view payload, Duration received_at) {
  try {
    wire::NamedMatrix operand = wire::decode_operand(payload);
    const Duration decode = host_.now() - received_at;
    operands_.keep(kConnected, operand.digest, wire::kept(std::move(operand.matrix)), decode);
  } catch (const FrameError& error) {
    progress_.note_error("an operand that cannot be read: " + std::string(error.what()));
  } catch (const std::bad_alloc&) {
    progress_.note_error("an operand is too large for this worker's memory");
  }
  progress_.enter(WorkerState::asking, "waiting for a task");
}

void PushedTaskSource::read_kept(std::uint64_t id, std::string_view payload, Duration received_at) {
  try {
    const wire::KeptTask task = wire::find_kept(operands_, kConnected, payload);
    if (!task.b) {
      socket_->send(wire::encode_missing(id, task.digest));
      return progress_.enter(WorkerState::asking, "waiting for an operand");
    }
    progress_.note_success();
    is_computing_ = true;
    executor_.begin(received_at - task.b->decode);  // as if it had been read for this task only now
    executor_.compute({id, TileOperands{task.a, task.b->operand}}, *this);
  } catch (const FrameError& error) {
    is_computing_ = true;
    executor_.compute({id, error.what()}, *this);
  }
}

std::string PushedTaskSource::encode(std::uint64_t task, const Matrix& product) {
  return wire::encode_product(task, product, {});
}

void PushedTaskSource::give_back(Outcome outcome) {
  is_computing_ = false;
  if (!socket_) {
    return progress_.try_again([this] { connect(); }, name_of_task(outcome.task) + " is dropped: " +
                                                          std::exchange(lost_, {}));
  }
  if (outcome.ending == Ending::product) {
    outcome.phases.sent_at = host_.now();
    std::ranges::copy(wire::encode_worker_phases(outcome.phases),
                      outcome.content.begin() + wire::kMessageHeaderBytes);
    socket_->send(outcome.content);
    progress_.note_completed();
  } else {
    const auto kind =
        outcome.ending == Ending::refused ? wire::MessageKind::refused : wire::MessageKind::failed;
    socket_->send(wire::encode_error(kind, outcome.task, outcome.content));
  }
  progress_.enter(WorkerState::asking, "waiting for a task");
}

void PushedTaskSource::closed(std::string_view why) {
  disconnect("the connection ended: " + std::string(why));
}

void PushedTaskSource::disconnect(std::string why) {
  socket_.reset();
  operands_.forget(kConnected);
  if (host_.now() - opened_at_ >= Backoff::kLongest) progress_.note_success();
  if (is_computing_) {
    lost_ = std::move(why);  // connects again when the bench is free
    return;
  }
  progress_.try_again([this] { connect(); }, why);
}

}  // namespace enxame::worker
