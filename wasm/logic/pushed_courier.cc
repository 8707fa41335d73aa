#include "wasm/logic/pushed_courier.h"

#include <algorithm>
#include <new>
#include <utility>

#include "matmul/binary_codec.h"
#include "matmul/message.h"
#include "wasm/logic/query.h"
#include "wasm/logic/task_wire.h"

namespace enxame {
namespace {

/// The header of a `multiply` message that is whole. Throws rpc::ProtocolError for anything else.
rpc::MessageHeader check_multiply(std::string_view message) {
  const auto expect = [](const std::string& what, const std::string& expected) {
    throw rpc::ProtocolError(what + ", expected " + expected);
  };
  if (message.size() < rpc::kMessageHeaderBytes) {
    expect("a message of " + std::to_string(message.size()) + " bytes",
           "at least " + std::to_string(rpc::kMessageHeaderBytes));
  }
  const rpc::MessageHeader header = rpc::parse_message_header(
      message.substr(0, rpc::kMessageHeaderBytes), rpc::kDefaultMaxPayloadBytes);
  if (const std::size_t payload = message.size() - rpc::kMessageHeaderBytes;
      payload != header.payload_bytes) {
    expect("a message with " + std::to_string(payload) + " bytes of payload",
           std::to_string(header.payload_bytes));
  }
  if (header.kind != rpc::MessageKind::multiply) {
    expect("a message of kind " + std::string(to_string(header.kind)), "multiply");
  }
  return header;
}

Task decode_task(std::uint64_t id, std::string_view payload) {
  try {
    rpc::Factors factors = rpc::decode_multiply(payload);
    return {id, Operands{std::move(factors.a), std::move(factors.b)}};
  } catch (const FrameError& error) {
    return {id, error.what()};
  } catch (const std::bad_alloc&) {
    return {id, "the operands are too large for this worker's memory"};
  }
}

}  // namespace

void PushedCourier::connect() {
  progress_.enter(WorkerState::asking, "connecting to the coordinator");
  opened_at_ = edge_.now();
  socket_ = edge_.open("/ws?role=worker&workerId=" + percent_encode(options_.worker_id), *this);
}

void PushedCourier::opened() {
  opened_at_ = edge_.now();
  progress_.note_contact(opened_at_);
  progress_.enter(WorkerState::asking, "connected, waiting for a task");
}

void PushedCourier::received(std::string_view message) {
  const Duration received_at = edge_.now();
  progress_.note_contact(received_at);
  try {
    read(message, received_at);
  } catch (const rpc::ProtocolError& error) {
    disconnect("waited for a task: got " + std::string(error.what()));
  }
}

void PushedCourier::read(std::string_view message, Duration received_at) {
  if (is_computing_) throw rpc::ProtocolError("a message before the last task was answered");
  bench_.begin(received_at);
  const rpc::MessageHeader header = check_multiply(message);
  progress_.note_success();
  is_computing_ = true;
  bench_.compute(decode_task(header.call_id, message.substr(rpc::kMessageHeaderBytes)), *this);
}

std::string PushedCourier::encode(std::uint64_t task, const Matrix& product) {
  return rpc::encode_product(task, product, {});
}

void PushedCourier::give_back(Outcome outcome) {
  is_computing_ = false;
  if (!socket_) {
    return progress_.try_again([this] { connect(); }, name_of_task(outcome.task) + " is dropped: " +
                                                          std::exchange(lost_, {}));
  }
  if (outcome.ending == Ending::product) {
    outcome.phases.sent_at = edge_.now();
    std::ranges::copy(rpc::encode_worker_phases(outcome.phases),
                      outcome.content.begin() + rpc::kMessageHeaderBytes);
    socket_->send(outcome.content);
    progress_.note_completed();
  } else {
    const auto kind =
        outcome.ending == Ending::refused ? rpc::MessageKind::refused : rpc::MessageKind::failed;
    socket_->send(rpc::encode_error(kind, outcome.task, outcome.content));
  }
  progress_.enter(WorkerState::asking, "waiting for a task");
}

void PushedCourier::closed(std::string_view why) {
  disconnect("the connection ended: " + std::string(why));
}

void PushedCourier::disconnect(std::string why) {
  socket_.reset();
  if (edge_.now() - opened_at_ >= Backoff::kLongest) progress_.note_success();
  if (is_computing_) {
    lost_ = std::move(why);  // connects again when the bench is free
    return;
  }
  progress_.try_again([this] { connect(); }, why);
}

}  // namespace enxame
