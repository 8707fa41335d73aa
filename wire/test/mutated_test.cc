#include "testing/mutated.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matmul/codec/binary_codec.h"
#include "matmul/codec/text_codec.h"
#include "matmul/timing/phases.h"
#include "wire/buffer.h"
#include "wire/kept_operand.h"
#include "wire/message.h"

namespace enxame::wire {
namespace {

using testing::for_each_mutated;

std::string_view view_of(const auto& bytes) { return {bytes.data(), bytes.size()}; }

/// What `read` returns, or nothing where it refuses with one of its own errors; the message is to
/// be short, whatever was refused.
template <typename Read>
auto read_or_refused(const Read& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const std::invalid_argument& error) {
    EXPECT_LT(std::strlen(error.what()), 400U) << error.what();
  } catch (const ProtocolError& error) {
    EXPECT_LT(std::strlen(error.what()), 400U) << error.what();
  }
  return std::nullopt;
}

template <typename T>
void check_text(const std::string& text) {
  const auto matrix = read_or_refused([&] { return decode_text<T>(text); });
  if (!matrix) return;
  EXPECT_LE(matrix->shape().size(), most_elements(text));
  const std::string written = encode_text(*matrix);
  EXPECT_LE(written.size(), most_text_bytes(matrix->shape()));
  EXPECT_EQ(decode_text<T>(written), *matrix);
}

TEST(MutatedMatmul, WhatTheTextCodecReadsItWritesAndReadsAlike) {
  for_each_mutated({"[[1,2],[3,4]]", "[[-1.5e-7,12345678901234567890],[0.1,1e308]]",
                    " [ [ 0 , -0 ] , [ 1E+2 , 3.25 ] ] \n", "[[4.9e-324]]",
                    "[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]]",
                    encode_text(random_matrix<double>({3, 5}, 1))},
                   {"],[", "1e999", "-", "00", "e-400", "NaN", "9007199254740993", "[[", "]]"},
                   [](const std::string& text) {
                     check_text<double>(text);
                     check_text<float>(text);
                   });
}

std::string frame_of(const auto& matrix) {
  std::string bytes;
  append_frame(matrix, bytes);
  return bytes;
}

/// Bytes of exactly that size, aligned as what was received is.
Buffer aligned(std::string_view bytes) {
  Buffer buffer;
  buffer.resize(bytes.size());
  std::ranges::copy(bytes, buffer.data());
  return buffer;
}

TEST(MutatedMatmul, AFrameThatIsReadIsTheOneThatIsWritten) {
  for_each_mutated({frame_of(Matrix{{1, 2}, {3, 4}}), frame_of(MatrixF32{{1, 2, 3}}),
                    frame_of(random_matrix<double>({3, 5}, 1)), frame_of(Matrix(1, 8))},
                   {"ENXM", std::string(8, '\0')}, [](const std::string& bytes) {
                     const auto header = read_or_refused([&] { return parse_frame_header(bytes); });
                     const auto f64 = read_or_refused([&] { return decode_frame<double>(bytes); });
                     const auto f32 = read_or_refused([&] { return decode_frame<float>(bytes); });
                     EXPECT_TRUE(header || (!f64 && !f32));
                     if (f64) {
                       EXPECT_EQ(frame_of(*f64), bytes);
                     }
                     if (f32) {
                       EXPECT_EQ(frame_of(*f32), bytes);
                     }
                     Buffer memory = aligned(bytes);
                     std::string_view rest = memory.view();
                     const auto view =
                         read_or_refused([&] { return take_frame_view<double>(rest); });
                     if (view && rest.empty()) {
                       EXPECT_TRUE(f64.has_value());
                     }
                   });
}

TEST(MutatedMatmul, AHeaderOfAMessageThatIsReadIsTheOneThatIsWritten) {
  constexpr std::size_t kMost = 1 << 20;
  std::vector<std::string> samples;
  for (std::uint16_t kind = 1; kind <= 9; ++kind) {
    samples.emplace_back(view_of(message_header({static_cast<MessageKind>(kind), kind, 128})));
  }
  for_each_mutated(samples, {"ENXR"}, [=](std::string bytes) {
    bytes.resize(kMessageHeaderBytes);
    const auto header = read_or_refused([&] { return parse_message_header(bytes, kMost); });
    if (!header) return;
    EXPECT_LE(header->payload_bytes, kMost);
    EXPECT_FALSE(to_string(header->kind).empty());
    EXPECT_EQ(view_of(message_header(*header)), bytes);
  });
}

TEST(MutatedMatmul, PayloadsAreReadOrRefused) {
  const Matrix matrix{{1, 2}, {3, 4}};
  const Digest digest{};
  const auto payload_of = [](const std::string& message) {
    return message.substr(kMessageHeaderBytes);
  };
  const WorkerPhases phases{Duration(1), Duration(2), Duration(3), Duration(4), Duration(5)};
  OperandCache cache(1 << 20);
  for_each_mutated(
      {payload_of(encode_multiply(1, matrix, matrix)),
       payload_of(encode_product(1, matrix, phases)),
       payload_of(outgoing_operand(1, digest, matrix).joined()),
       payload_of(encode_missing(1, digest)),
       std::string(view_of(encode_delivered_head(phases, {.worker = "w1"}))),
       std::string(view_of(encode_submission({1, 2, 0})))},
      {}, [&](const std::string& bytes) {
        Buffer memory = aligned(bytes);
        const std::string_view payload = memory.view();
        const Shape shape = matrix.shape();
        const auto factors = read_or_refused([&] { return decode_multiply(payload); });
        const auto views = read_or_refused([&] { return view_multiply(payload); });
        EXPECT_EQ(factors.has_value(), views.has_value());
        const auto product = read_or_refused([&] { return decode_product_matrix(payload, shape); });
        const auto view = read_or_refused([&] { return view_product_matrix(payload, shape); });
        EXPECT_EQ(product.has_value(), view.has_value());
        read_or_refused([&] { return decode_delivery(payload); });
        read_or_refused([&] { return decode_submission(payload); });
        read_or_refused([&] { return decode_missing(payload); });
        const auto operand = read_or_refused([&] { return decode_operand(payload); });
        const auto found = read_or_refused([&] { return find_kept(cache, 1, payload).digest; });
        EXPECT_EQ(operand.has_value(), found.has_value());
        const auto worker = read_or_refused([&] { return decode_product_phases(payload); });
        if (worker) {
          EXPECT_GE(worker->total(), Duration::zero());
        }
        read_or_refused([&] { return keep_operand(cache, 1, std::move(memory)), true; });
        EXPECT_LE(cache.bytes(), std::size_t{1} << 20);
      });
}

TEST(MutatedMatmul, AServerTimingThatIsReadIsNeverNegative) {
  for_each_mutated({"decode;dur=0.012, compute;dur=1.5, encode;dur=0.02",
                    "received;dur=8125.4, sent;dur=8126.932", "a;desc=\"x, y\";DUR=\"7\", b",
                    "cache;desc=\"Cache \\\"Read\\\"\";dur=23.2,miss", "x;dur=9.2e12"},
                   {";dur=", "1e300", "-0", "inf", "nan", "9.3e12", "\\\"", "0x10"},
                   [](const std::string& text) {
                     const auto metrics =
                         read_or_refused([&] { return parse_server_timing(text); });
                     const auto phases = read_or_refused([&] { return parse_worker_phases(text); });
                     EXPECT_EQ(metrics.has_value(), phases.has_value());
                     if (!metrics) return;
                     for (const NamedDuration& metric : *metrics) {
                       EXPECT_GE(metric.duration, Duration::zero());
                     }
                     EXPECT_GE(phases->total(), Duration::zero());
                     // What it writes it reads alike.
                     EXPECT_EQ(to_server_timing(parse_worker_phases(to_server_timing(*phases))),
                               to_server_timing(*phases));
                   });
}

}  // namespace
}  // namespace enxame::wire
