#include "http/chunk_reader.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "http/message.h"
#include "json/utf8.h"

namespace enxame::http {

namespace {

constexpr std::string_view kEndOfLine = "\r\n";
constexpr std::size_t kMaxSizeDigits = 16;  // of 64 bits

// Framing may take 16 bytes a chunk and two more for each byte of data, and so much beyond that in
// all: a body may come byte by byte, but not as extensions with a byte in between. The rule is that
// of Go's net/http, which had none before CVE-2023-39326.
constexpr std::size_t kFramingPerChunk = 16;
constexpr std::size_t kFramingPerByte = 2;
constexpr std::size_t kMaxExcessBytes = 16 * 1024;

/// The line that `bytes` begin with, without its CRLF; nothing while it is incomplete. Throws Error
/// with `status` for one that has more than `most` bytes.
std::optional<std::string_view> whole_line(std::string_view bytes, std::size_t most, int status) {
  const std::size_t line_feed = bytes.substr(0, most + kEndOfLine.size()).find('\n');
  if (line_feed == std::string_view::npos) {
    if (bytes.size() < most + kEndOfLine.size()) return std::nullopt;
    throw Error(status, "a line of the body's chunks is longer than " + std::to_string(most) +
                            " bytes, which is the most that is read");
  }
  if (line_feed == 0 || bytes[line_feed - 1] != '\r') {
    throw Error(400, "a line of the body's chunks ends in LF, expected CRLF");
  }
  return bytes.substr(0, line_feed - 1);
}

}  // namespace

std::size_t ChunkReader::read_framing(std::string_view bytes) {
  std::size_t read = 0;
  while (data_bytes_ == 0 && next_ != Next::nothing) {
    const std::size_t line = read_line(bytes.substr(read));
    if (line == 0) break;
    read += line;
  }
  return read;
}

/// Reads one line, if it is complete; returns its bytes with CRLF, 0 while it is not.
std::size_t ChunkReader::read_line(std::string_view bytes) {
  if (next_ == Next::end_of_data) {
    const std::string_view end = bytes.substr(0, kEndOfLine.size());
    if (!kEndOfLine.starts_with(end)) {
      throw Error(400, "a chunk has more data than its size says, expected CRLF behind it");
    }
    if (end.size() < kEndOfLine.size()) return 0;
    next_ = Next::size;
    return end.size();
  }
  const bool is_size = next_ == Next::size;
  const auto line = is_size ? whole_line(bytes, kMaxChunkLineBytes, 400)
                            : whole_line(bytes, kMaxHeadBytes - trailer_bytes_, 431);
  if (!line) return 0;
  if (is_size) {
    take_size(*line);
  } else {
    take_trailer(*line);
  }
  return line->size() + kEndOfLine.size();
}

void ChunkReader::take_size(std::string_view line) {
  const std::size_t digits =
      std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
  std::string_view extensions = line.substr(digits);
  extensions.remove_prefix(std::min(extensions.find_first_not_of(" \t"), extensions.size()));
  const bool has_extensions = extensions.starts_with(';') && is_field_value(extensions);
  if (digits == 0 || digits > kMaxSizeDigits || (digits < line.size() && !has_extensions)) {
    throw Error(400, "a chunk begins with \"" + json::quotable(line) +
                         "\", expected its size: 1 to 16 hexadecimal digits");
  }
  std::uint64_t size = 0;
  std::from_chars(line.data(), line.data() + digits, size, 16);

  excess_bytes_ += line.size() + 2 * kEndOfLine.size();
  const std::size_t counted = std::min<std::size_t>(size, kMaxExcessBytes);
  excess_bytes_ -= std::min(excess_bytes_, kFramingPerChunk + kFramingPerByte * counted);
  if (excess_bytes_ > kMaxExcessBytes) {
    throw Error(400, "the body's chunks have little data in much framing, expected larger chunks");
  }
  data_bytes_ = size;
  next_ = size == 0 ? Next::trailer : Next::end_of_data;
}

void ChunkReader::take_trailer(std::string_view line) {
  if (line.empty()) {
    next_ = Next::nothing;
    return;
  }
  if (trailers_++ == kMaxFields) {
    throw Error(431, "there are more than " + std::to_string(kMaxFields) + " trailer fields");
  }
  trailer_bytes_ += line.size() + kEndOfLine.size();
  if (trailer_bytes_ > kMaxHeadBytes) {
    throw Error(431, "the trailers are longer than " + std::to_string(kMaxHeadBytes) + " bytes");
  }
  parse_fields(line, trailer_);
}

}  // namespace enxame::http
