#pragma once

#include <cstddef>
#include <string_view>

#include "http/fields.h"

namespace enxame::http {

/// The most bytes of the line before a chunk: its size and its extensions.
inline constexpr std::size_t kMaxChunkLineBytes = 1024;

/// Reads a body that comes in chunks (RFC 9112, section 7.1) as far as it is not data: sizes, and
/// extensions and trailers, which are checked and dropped. The data stays where it is, for the
/// caller to take:
///
///   ChunkReader chunks;
///   for (;;) {
///     input.consume(chunks.read_framing(input.bytes()));
///     if (chunks.ended()) break;
///     // Take up to chunks.data_bytes() bytes off the front of `input` and tell chunks.took(),
///     // or receive more where there are none.
///   }
///
/// Strict where a lax reading lets two readers see different bodies: sizes are 1 to 16 hexadecimal
/// digits, lines end in CRLF, data is followed by CRLF.
class ChunkReader {
 public:
  /// Reads whole lines off the front of `bytes` until data follows or the body has ended. Returns
  /// the bytes that it has read, which the caller consumes; what is left begins with data, or is a
  /// part of a line. Throws Error: 400 for what is not a body in chunks and for one that consists
  /// of little else than framing, 431 for trailers that are too long.
  std::size_t read_framing(std::string_view bytes);

  /// What has not been taken of the present chunk; 0 where framing comes next.
  std::size_t data_bytes() const { return data_bytes_; }

  /// `bytes` of data were taken, at most data_bytes().
  void took(std::size_t bytes) { data_bytes_ -= bytes; }

  /// Whether the body is complete, its trailers included.
  bool ended() const { return next_ == Next::nothing; }

 private:
  enum class Next { size, end_of_data, trailer, nothing };

  std::size_t read_line(std::string_view bytes);
  void take_size(std::string_view line);
  void take_trailer(std::string_view line);

  Next next_ = Next::size;
  std::size_t data_bytes_ = 0;
  std::size_t excess_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::size_t trailers_ = 0;
  Headers trailer_;  // the last one
};

}  // namespace enxame::http
