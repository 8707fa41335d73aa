// Inputs of the parsers, mutated at random. What they must do with each: read it or throw what they
// say they throw, within their bounds; sanitizers see the rest (testing/mutated.h).

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/chunk_reader.h"
#include "http/fields.h"
#include "http/reply_head.h"
#include "http/request_head.h"
#include "http/server/access.h"
#include "http/text.h"
#include "http/websocket/websocket.h"
#include "http/websocket/websocket_frame.h"
#include "http/websocket/websocket_handshake.h"
#include "testing/mutated.h"

namespace enxame::http {
namespace {

/// Pieces that mean something in heads.
const std::vector<std::string> kTokens{"\r\n",
                                       "\r\n\r\n",
                                       "\r",
                                       "\n",
                                       std::string(1, '\0'),
                                       ":",
                                       " ",
                                       "\t",
                                       ",",
                                       ";",
                                       "%",
                                       "%2f",
                                       "%00",
                                       "%C3%A9",
                                       "\xff",
                                       "\"",
                                       "W/",
                                       "*",
                                       "//",
                                       "http://",
                                       "[",
                                       "]",
                                       "@",
                                       "&",
                                       "=",
                                       "+",
                                       "-1",
                                       "9223372036854775808",
                                       "18446744073709551616",
                                       "\x7f",
                                       "\x80",
                                       "Host: a\r\n"};

/// Hands mutated inputs to `parse`, which may throw `Refusal` and nothing else.
template <typename Refusal>
void hand_mutations(const std::vector<std::string>& examples,
                    const std::function<void(std::string_view)>& parse) {
  std::size_t inputs = 0;
  std::size_t read = 0;
  enxame::testing::for_each_mutated(examples, kTokens, [&](const std::string& input) {
    ++inputs;
    try {
      // From memory of its own and no more, so that one byte too far is noticed.
      const std::vector<char> exact(input.begin(), input.end());
      parse({exact.data(), exact.size()});
      ++read;
    } catch (const Refusal&) {
    }
  });
  // Mutations that were all refused would show nothing; so would mutations that change nothing.
  EXPECT_GT(read, inputs / 100);
  EXPECT_LT(read, inputs);
}

const std::vector<std::string> kRequests{
    "GET /task/next?workerId=a%20b&wait=5 HTTP/1.1\r\nHost: localhost:8080\r\nAccept: a\r\n\r\n",
    "POST /task HTTP/1.1\r\nContent-Length: 12\r\nOrigin: http://localhost:1\r\n\r\n",
    "GET http://[::1]:80/a%2Fb HTTP/1.0\r\nConnection: keep-alive\r\nReferer: http://a/b\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a.example\r\nSec-Fetch-Site: cross-site\r\n\r\n",
    "GET /ws?role=worker HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "GET / HTTP/1.1\r\nIf-None-Match: W/\"a,b\", \"c\"\r\nExpect: 100-continue\r\n\r\n"};

TEST(Mutations, OfRequestHeads) {
  const Access access({.hosts = {"a.example"}}, "0.0.0.0");
  // Its storage is used again, as a connection does.
  Request request;
  hand_mutations<Error>(kRequests, [&](std::string_view input) {
    const auto end = find_head_end(input);
    if (!end) return;
    ASSERT_LE(*end, input.size());
    const Framing framing = parse_request_head(input.substr(0, *end), request);
    ASSERT_LE(framing.content_length, std::size_t{INT64_MAX});
    ASSERT_LE(request.headers.size(), kMaxFields);
    ASSERT_LE(request.query.size(), 100U);
    ASSERT_TRUE(request.path == "*" || request.path.starts_with('/')) << request.path;
    ASSERT_TRUE(is_utf8(request.path));
    static_cast<void>(names_tag(request.headers, "If-None-Match", "\"c\""));
    access.check(request);
    std::string lines;
    access.append_cors_lines(request, lines);
    ASSERT_EQ(lines.find("\r\n\r\n"), std::string::npos);
    if (request.path == "/ws") websocket_answer(request, [](WebSocket&) {});
  });
}

/// The data of a body in chunks that comes so many bytes at a time, and how far it was read;
/// nothing while it is not complete. Throws what its reader throws.
std::optional<std::pair<std::string, std::size_t>> chunked_body(std::string_view input,
                                                                std::size_t step) {
  ChunkReader chunks;
  std::string data;
  std::size_t read = 0;
  std::size_t received = 0;
  for (;;) {
    const std::string_view left = input.substr(read, received - read);
    const std::size_t framing = chunks.read_framing(left);
    read += framing;
    if (chunks.ended()) return std::pair(data, read);
    const std::string_view next = left.substr(framing, chunks.data_bytes());
    data += next;
    chunks.took(next.size());
    read += next.size();
    if (!next.empty()) continue;
    if (received == input.size()) return std::nullopt;
    received += std::min(step, input.size() - received);
  }
}

TEST(Mutations, OfChunkedBodies) {
  hand_mutations<Error>({"5\r\nhello\r\n0\r\n\r\n", "1;a=b\r\nx\r\n1\r\ny\r\n0;c\r\n\r\n",
                         "00A\r\n0123456789\r\n0\r\nDigest: a\r\nB: c\r\n\r\n"},
                        [](std::string_view input) {
                          const auto whole = chunked_body(input, input.size());
                          std::optional<std::pair<std::string, std::size_t>> bytewise;
                          ASSERT_NO_THROW(bytewise = chunked_body(input, 1));
                          ASSERT_EQ(whole, bytewise);
                          if (!whole) return;
                          ASSERT_LE(whole->first.size() + 5, whole->second);
                          ASSERT_LE(whole->second, input.size());
                        });
}

TEST(Mutations, OfFields) {
  Headers fields;
  hand_mutations<Error>({"Content-Length: 5\r\nHost: a\r\n\r\n", "A: b\r\nC:\td \r\nEmpty:\r\n\r\n",
                         "If-None-Match: \"a\", W/\"b\", *\r\nAccept: a;q=1, b\r\n\r\n"},
                        [&](std::string_view input) {
                          parse_fields(input, fields);
                          ASSERT_LE(fields.size(), kMaxFields);
                          for (const auto& [name, value] : fields) {
                            ASSERT_TRUE(is_token(name));
                            ASSERT_EQ(value.find_first_of(std::string_view("\r\n\0", 3)),
                                      std::string::npos);
                            static_cast<void>(lists(value, "b"));
                          }
                          static_cast<void>(content_length(fields));
                        });
}

TEST(Mutations, OfReplyHeads) {
  hand_mutations<std::runtime_error>(
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer-Timing: a;dur=1\r\n\r\n",
       "HTTP/1.0 404\r\nConnection: keep-alive\r\n\r\n",
       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
       "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"},
      [](std::string_view input) {
        const auto end = find_head_end(input);
        if (!end) return;
        const ReplyHead reply = parse_reply_head(input.substr(0, *end));
        ASSERT_GE(reply.status, 100);
        ASSERT_LE(reply.status, 999);
        static_cast<void>(content_length(reply.headers));
        if (reply.status == 101) check_websocket_reply(reply, "dGhlIHNhbXBsZSBub25jZQ==");
      });
}

std::string frame_of(Opcode opcode, std::size_t payload_bytes, bool is_masked) {
  FrameHead head{.opcode = opcode, .payload_bytes = payload_bytes};
  if (is_masked) head.mask = MaskKey{'a', 'b', 'c', 'd'};
  std::array<char, kMaxFrameHeadBytes> bytes;
  return std::string(write_frame_head(head, bytes)) + std::string(payload_bytes % 300, 'x');
}

TEST(Mutations, OfFrames) {
  hand_mutations<WebSocketError>(
      {frame_of(Opcode::binary, 5, true), frame_of(Opcode::binary, 300, false),
       frame_of(Opcode::text, std::size_t{1} << 20, true), frame_of(Opcode::ping, 4, true),
       frame_of(Opcode::close, 2, true), frame_of(Opcode::continuation, 0, false)},
      [](std::string_view input) {
        const auto head = parse_frame_head(input);
        if (!head) return;
        ASSERT_LE(head->head_bytes, std::min(input.size(), kMaxFrameHeadBytes));
        ASSERT_LE(head->payload_bytes, std::uint64_t{INT64_MAX});
        if (is_control(head->opcode)) {
          ASSERT_LE(head->payload_bytes, kMaxControlBytes);
        }
        // What was read is what would be written.
        std::array<char, kMaxFrameHeadBytes> again;
        ASSERT_EQ(write_frame_head(*head, again), input.substr(0, head->head_bytes));
      });
}

TEST(Mutations, OfCloseReasons) {
  hand_mutations<WebSocketError>(
      {"\x03\xe8", "\x03\xe9going away", "\x0f\xa0\xc3\xa9", "\x03\xf3\xe2\x82\xac"},
      [](std::string_view input) {
        const CloseReason reason = parse_close(input);
        ASSERT_TRUE(is_utf8(reason.text));
        ASSERT_TRUE(reason.code == 1005 ? input.empty()
                                        : reason.code >= 1000 && reason.code < 5000);
      });
}

TEST(Mutations, OfLogText) {
  struct Escaped {};
  hand_mutations<Escaped>(
      {"plain", "\xc3\xa9\xe2\x82\xac", "\x1b[2J\r\n"}, [](std::string_view input) {
        const std::string line = log_text(input, 20);
        ASSERT_TRUE(is_utf8(line));
        ASSERT_LE(line.size(), 4 * 20 + 3U);
        ASSERT_EQ(line.find_first_of(std::string_view("\r\n\x1b\0", 4)), std::string::npos);
        if (line != input) throw Escaped();
      });
}

}  // namespace
}  // namespace enxame::http
