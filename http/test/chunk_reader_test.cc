#include "http/chunk_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace enxame::http {
namespace {

/// What became of a body in chunks whose bytes came so many at a time.
struct ReadBody {
  int status = 200;  // of what was thrown
  bool complete = false;
  std::string data{};
  std::size_t read = 0;  // bytes, framing and data
};

ReadBody read_body(std::string_view bytes, std::size_t step) {
  ReadBody body;
  ChunkReader chunks;
  std::string input;  // received and not yet read
  try {
    for (;;) {
      const std::size_t framing = chunks.read_framing(input);
      input.erase(0, framing);
      body.read += framing;
      body.complete = chunks.ended();
      if (body.complete) return body;
      const std::size_t data = std::min(chunks.data_bytes(), input.size());
      body.data.append(input, 0, data);
      input.erase(0, data);
      chunks.took(data);
      body.read += data;
      if (data > 0) continue;
      if (bytes.empty()) return body;
      const std::string_view next = bytes.substr(0, step);
      input += next;
      bytes.remove_prefix(next.size());
    }
  } catch (const Error& error) {
    body.status = error.status();
  }
  return body;
}

/// Whole, and byte by byte: it has to be the same.
ReadBody read_body(const std::string& bytes) {
  const ReadBody whole = read_body(bytes, bytes.size() + 1);
  const ReadBody bytewise = read_body(bytes, 1);
  EXPECT_EQ(whole.status, bytewise.status) << bytes.substr(0, 100);
  EXPECT_EQ(whole.complete, bytewise.complete) << bytes.substr(0, 100);
  EXPECT_EQ(whole.data, bytewise.data) << bytes.substr(0, 100);
  return whole;
}

TEST(ChunkReaderTest, ReadsChunksAndDropsTheRest) {
  for (const auto& [bytes, data] : std::vector<std::pair<std::string, std::string>>{
           {"0\r\n\r\n", ""},
           {"5\r\nhello\r\n0\r\n\r\n", "hello"},
           {"1\r\nh\r\n4\r\nello\r\n000\r\n\r\n", "hello"},
           {"a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"},
           {"0000000000000005\r\nhello\r\n0\r\n\r\n", "hello"},
           {"5;name=value;other=\"a b\"\r\nhello\r\n0;last\r\n\r\n", "hello"},
           {"5 \t; name\r\nhello\r\n0\r\n\r\n", "hello"},
           {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n"},
           {"5\r\nhello\r\n0\r\nDigest: abc\r\nContent-Length: 7\r\n\r\n", "hello"}}) {
    const ReadBody body = read_body(bytes);
    EXPECT_EQ(body.status, 200) << bytes;
    EXPECT_TRUE(body.complete) << bytes;
    EXPECT_EQ(body.data, data) << bytes;
    EXPECT_EQ(body.read, bytes.size()) << bytes;
  }
}

TEST(ChunkReaderTest, LeavesWhatFollowsTheBody) {
  const std::string body = "3\r\nabc\r\n0\r\n\r\n";
  EXPECT_EQ(read_body(body + "GET / HTTP/1.1\r\n\r\n", 1000).read, body.size());
}

TEST(ChunkReaderTest, WaitsForWhatIsMissing) {
  const std::string bytes = "5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const ReadBody body = read_body(bytes.substr(0, size));
    EXPECT_EQ(body.status, 200) << size;
    EXPECT_FALSE(body.complete) << size;
  }
}

TEST(ChunkReaderTest, RefusesWhatTwoReadersMayReadDifferently) {
  for (const std::string bytes : {
           "\r\n",                            // no size
           " 5\r\nhello\r\n0\r\n\r\n",        // white space before it
           "5 \r\nhello\r\n0\r\n\r\n",        // behind it
           "+5\r\nhello\r\n0\r\n\r\n",        // signs
           "-5\r\nhello\r\n0\r\n\r\n",        //
           "0x5\r\nhello\r\n0\r\n\r\n",       // other notations
           "5h\r\nhello\r\n0\r\n\r\n",        //
           "5,5\r\nhello\r\n0\r\n\r\n",       //
           "00000000000000005\r\nhello\r\n",  // more digits than 64 bits have
           "10000000000000005\r\nhello\r\n",  //
           "5\nhello\r\n0\r\n\r\n",           // LF alone
           "5\r\nhello\n0\r\n\r\n",           //
           "5\r\nhello\r\n0\r\n\n",           //
           "\n",                              //
           "5\rhello\r\n0\r\n\r\n",           // CR alone
           "5;a\rb\r\nhello\r\n0\r\n\r\n",    //
           "5\r\nhello!\r\n0\r\n\r\n",        // more than was said
           "5\r\nhello\r!\n0\r\n\r\n",        //
           "5\r\nhello0\r\n\r\n",             // no end
           "6\r\nhello\r\n0\r\n\r\n",         // less than was said: its CR is data
           "5;a=\x01\r\nhello\r\n0\r\n\r\n",  // control characters
           "0\r\nno colon\r\n\r\n",           // trailers that are no fields
           "0\r\n: no name\r\n\r\n",          //
           "0\r\nA: b\r\n folded\r\n\r\n",    //
           "0\r\nA : b\r\n\r\n",              //
           "0\r\nA: \x7f\r\n\r\n",            //
       }) {
    const ReadBody body = read_body(bytes);
    EXPECT_EQ(body.status, 400) << bytes;
    EXPECT_FALSE(body.complete) << bytes;
  }
  EXPECT_EQ(read_body(std::string("5;\0\r\nhello\r\n0\r\n\r\n", 17)).status, 400);
}

TEST(ChunkReaderTest, BoundsLinesBeforeTheyEnd) {
  EXPECT_EQ(read_body("5;" + std::string(kMaxChunkLineBytes - 2, 'x') + "\r\n").status, 200);
  EXPECT_EQ(read_body("5;" + std::string(kMaxChunkLineBytes - 1, 'x') + "\r\n").status, 400);
  EXPECT_EQ(read_body("5;" + std::string(kMaxChunkLineBytes, 'x')).status, 400);
  EXPECT_EQ(read_body("0\r\nA: " + std::string(kMaxHeadBytes, 'x')).status, 431);
}

TEST(ChunkReaderTest, BoundsTrailersTogether) {
  const auto trailers = [](std::size_t count, const std::string& field) {
    std::string bytes = "0\r\n";
    for (std::size_t i = 0; i < count; ++i) bytes += field;
    return read_body(bytes + "\r\n");
  };
  EXPECT_TRUE(trailers(100, "A: b\r\n").complete);
  EXPECT_EQ(trailers(101, "A: b\r\n").status, 431);
  const std::string kilobyte = "A: " + std::string(1019, 'b') + "\r\n";
  EXPECT_TRUE(trailers(16, kilobyte).complete);
  EXPECT_EQ(trailers(17, kilobyte).status, 431);
}

TEST(ChunkReaderTest, TakesABodyByteByByteButNotAsExtensions) {
  const auto chunks_of_one_byte = [](std::size_t count, const std::string& extension) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += "1" + extension + "\r\nx\r\n";
    return read_body(bytes + "0\r\n\r\n");
  };
  EXPECT_EQ(chunks_of_one_byte(50'000, "").data.size(), 50'000U);
  // An extension that signs a chunk is paid for by the chunk's data.
  const std::string signature = ";chunk-signature=" + std::string(64, 'a');
  EXPECT_EQ(read_body("1000" + signature + "\r\n" + std::string(4096, 'x') + "\r\n0" + signature +
                      "\r\n\r\n")
                .data.size(),
            4096U);
  EXPECT_EQ(chunks_of_one_byte(200, signature).status, 200);
  EXPECT_EQ(chunks_of_one_byte(1'000, signature).status, 400);
}

}  // namespace
}  // namespace enxame::http
