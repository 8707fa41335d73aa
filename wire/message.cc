#include "wire/message.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstring>
#include <initializer_list>

#include "matmul/codec/binary_codec.h"
#include "matmul/timing/stopwatch.h"

namespace enxame::wire {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the fields of a message are copied to and from memory as they are");

constexpr std::string_view kMagic = "ENXR";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kDeliveryBytes = 64;
constexpr std::size_t kWorkerBytes = 64;
constexpr std::uint64_t kLongestPhaseNs = std::chrono::nanoseconds(std::chrono::years{10}).count();

template <typename Field>
Field read_field(std::string_view bytes, std::size_t offset) {
  Field value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <typename Bytes, typename Field>
void write_field(Bytes& bytes, std::size_t offset, Field value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

[[noreturn]] void refuse(std::string_view field, const std::string& value,
                         const std::string& expected) {
  throw ProtocolError("message: " + std::string(field) + " is " + value + ", expected " + expected);
}

void check_zeros(std::string_view bytes, std::size_t offset, std::string_view field) {
  if (bytes.find_first_not_of('\0', offset) != std::string_view::npos) {
    refuse(field, "not all zero", "zero bytes from offset " + std::to_string(offset));
  }
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::size_t frame_bytes(Shape shape) { return FrameHeader{Dtype::f64, shape}.frame_bytes(); }

/// The header, in a string with room for the payload.
std::string begin_message(MessageKind kind, std::uint64_t call_id, std::size_t payload_bytes) {
  std::string message;
  message.reserve(kMessageHeaderBytes + payload_bytes);
  const auto header = message_header({kind, call_id, payload_bytes});
  message.append(header.data(), header.size());
  return message;
}

std::uint64_t nanoseconds(Duration duration) {
  return static_cast<std::uint64_t>(std::max<Duration::rep>(0, duration.count()));
}

template <typename Bytes>
void write_durations(Bytes& bytes, std::size_t offset, std::initializer_list<Duration> durations) {
  for (const Duration duration : durations) {
    write_field(bytes, offset, nanoseconds(duration));
    offset += sizeof(std::uint64_t);
  }
}

Duration read_duration(std::string_view bytes, std::string_view name, std::size_t offset) {
  const auto ns = read_field<std::uint64_t>(bytes, offset);
  if (ns > kLongestPhaseNs) refuse(name, std::to_string(ns) + " ns", "at most ten years");
  return Duration{static_cast<Duration::rep>(ns)};
}

void expect_bytes(std::string_view payload, MessageKind kind, std::size_t expected) {
  if (payload.size() >= expected) return;
  refuse("payload of a " + std::string(to_string(kind)), std::to_string(payload.size()) + " bytes",
         "at least " + std::to_string(expected));
}

}  // namespace

std::string_view to_string(MessageKind kind) {
  constexpr std::array<std::string_view, kMessageKinds> kNames{
      "multiply", "product", "refused",       "failed",  "delivered",
      "submit",   "operand", "multiply-kept", "missing", "keep"};
  return kNames[static_cast<std::size_t>(kind) - 1];
}

MessageHeader parse_message_header(std::string_view bytes, std::size_t max_payload_bytes) {
  if (!bytes.starts_with(kMagic)) {
    refuse("magic", hex(bytes.substr(0, kMagic.size())),
           hex(kMagic) + " (" + std::string(kMagic) + ")");
  }
  if (const auto version = read_field<std::uint16_t>(bytes, 4); version != kVersion) {
    refuse("version", std::to_string(version), std::to_string(kVersion));
  }
  const auto kind = read_field<std::uint16_t>(bytes, 6);
  if (kind < 1 || kind > kMessageKinds) {
    refuse("kind", std::to_string(kind), "1 to " + std::to_string(kMessageKinds));
  }
  const MessageHeader header{static_cast<MessageKind>(kind), read_field<std::uint64_t>(bytes, 8),
                             read_field<std::uint64_t>(bytes, 16)};
  if (header.call_id == 0 && header.kind != MessageKind::failed) {
    refuse("call id of a " + std::string(to_string(header.kind)), "0", "1 or more");
  }
  if (header.payload_bytes > max_payload_bytes) {
    refuse("payload bytes", std::to_string(header.payload_bytes),
           "at most " + std::to_string(max_payload_bytes));
  }
  check_zeros(bytes, 24, "header");
  return header;
}

std::array<char, kMessageHeaderBytes> message_header(const MessageHeader& header) {
  std::array<char, kMessageHeaderBytes> bytes{};
  std::ranges::copy(kMagic, bytes.begin());
  write_field(bytes, 4, kVersion);
  write_field(bytes, 6, static_cast<std::uint16_t>(header.kind));
  write_field(bytes, 8, header.call_id);
  write_field(bytes, 16, header.payload_bytes);
  return bytes;
}

std::size_t multiply_payload_bytes(Shape a, Shape b) { return frame_bytes(a) + frame_bytes(b); }

std::size_t product_payload_bytes(Shape c) { return kWorkerPhasesBytes + frame_bytes(c); }

std::string encode_multiply(std::uint64_t call_id, const Matrix& a, const Matrix& b) {
  std::string message =
      begin_message(MessageKind::multiply, call_id, multiply_payload_bytes(a.shape(), b.shape()));
  append_frame(a, message);
  append_frame(b, message);
  return message;
}

Factors decode_multiply(std::string_view payload) {
  Matrix a = take_frame<double>(payload);
  return {std::move(a), decode_frame<double>(payload)};
}

FactorViews view_multiply(std::string_view payload) {
  const MatrixView a = take_frame_view<double>(payload);
  const MatrixView b = take_frame_view<double>(payload);
  if (!payload.empty()) {
    throw FrameError("frame: " + std::to_string(payload.size()) +
                     " bytes follow the second factor, expected none");
  }
  return {a, b};
}

std::array<char, kWorkerPhasesBytes> encode_worker_phases(const WorkerPhases& phases) {
  std::array<char, kWorkerPhasesBytes> bytes{};
  std::size_t offset = 0;
  for (const Duration phase :
       {phases.decode, phases.compute, phases.encode, phases.received_at, phases.sent_at}) {
    write_field(bytes, offset, static_cast<std::uint64_t>(phase.count()));
    offset += sizeof(std::uint64_t);
  }
  return bytes;
}

std::string encode_product(std::uint64_t call_id, const Matrix& c, WorkerPhases phases) {
  Stopwatch watch;
  std::string message =
      begin_message(MessageKind::product, call_id, product_payload_bytes(c.shape()));
  message.resize(kMessageHeaderBytes + kWorkerPhasesBytes);
  append_frame(c, message);
  phases.encode = watch.lap();
  if (phases.received_at != Duration::zero()) phases.sent_at = watch.lap_began_at();
  std::ranges::copy(encode_worker_phases(phases), message.begin() + kMessageHeaderBytes);
  return message;
}

WorkerPhases decode_product_phases(std::string_view payload) {
  expect_bytes(payload, MessageKind::product, kWorkerPhasesBytes);
  const auto phase = [&](std::string_view name, std::size_t offset) {
    return read_duration(payload, name, offset);
  };
  const WorkerPhases phases{phase("decode", 0), phase("compute", 8), phase("encode", 16),
                            phase("received at", 24), phase("sent at", 32)};
  check_zeros(payload.substr(0, kWorkerPhasesBytes), 40, "worker phases");
  return phases;
}

std::array<char, kDeliveredHeadBytes> encode_delivered_head(const WorkerPhases& phases,
                                                            const Delivery& delivery) {
  std::array<char, kDeliveredHeadBytes> head{};
  write_durations(
      head, 0, {phases.decode, phases.compute, phases.encode, phases.received_at, phases.sent_at});
  write_durations(head, kWorkerPhasesBytes,
                  {delivery.queue, delivery.dispatch, delivery.return_trip, delivery.clock_error,
                   delivery.accepted_at, delivery.finished_at});
  const std::string_view name = std::string_view(delivery.worker).substr(0, kWorkerBytes);
  std::copy(name.begin(), name.end(), head.begin() + kWorkerPhasesBytes + kDeliveryBytes);
  return head;
}

Delivery decode_delivery(std::string_view payload) {
  expect_bytes(payload, MessageKind::delivered, kDeliveredHeadBytes);
  const std::string_view bytes = payload.substr(kWorkerPhasesBytes, kDeliveryBytes);
  check_zeros(bytes, 48, "delivery");
  const std::string_view name = payload.substr(kWorkerPhasesBytes + kDeliveryBytes, kWorkerBytes);
  return {.queue = read_duration(bytes, "queue", 0),
          .dispatch = read_duration(bytes, "dispatch", 8),
          .return_trip = read_duration(bytes, "return", 16),
          .clock_error = read_duration(bytes, "clock error", 24),
          .accepted_at = read_duration(bytes, "accepted at", 32),
          .finished_at = read_duration(bytes, "finished at", 40),
          .worker = std::string(name.substr(0, name.find('\0')))};
}

std::array<char, kSubmissionBytes> encode_submission(const Submission& submission) {
  std::array<char, kSubmissionBytes> bytes{};
  write_field(bytes, 0, submission.split);
  write_field(bytes, 2, submission.tiles);
  write_field(bytes, 4, submission.reuse);
  return bytes;
}

Submission decode_submission(std::string_view payload) {
  expect_bytes(payload, MessageKind::submit, kSubmissionBytes);
  check_zeros(payload.substr(0, kSubmissionBytes), 6, "submission");
  return {read_field<std::uint16_t>(payload, 0), read_field<std::uint16_t>(payload, 2),
          read_field<std::uint16_t>(payload, 4)};
}

Matrix decode_product_matrix(std::string_view payload, Shape expected) {
  decode_product_phases(payload);
  Matrix matrix = decode_frame<double>(payload.substr(kWorkerPhasesBytes));
  if (matrix.shape() != expected) {
    refuse("product", enxame::to_string(matrix.shape()), enxame::to_string(expected));
  }
  return matrix;
}

MatrixView view_product_matrix(std::string_view payload, Shape expected) {
  decode_product_phases(payload);
  payload.remove_prefix(kWorkerPhasesBytes);
  const MatrixView matrix = take_frame_view<double>(payload);
  if (!payload.empty()) {
    refuse("what follows the product", std::to_string(payload.size()) + " bytes", "nothing");
  }
  if (matrix.shape() != expected) {
    refuse("product", enxame::to_string(matrix.shape()), enxame::to_string(expected));
  }
  return matrix;
}

std::string encode_error(MessageKind kind, std::uint64_t call_id, std::string_view text) {
  return begin_message(kind, call_id, text.size()).append(text);
}

}  // namespace enxame::wire
